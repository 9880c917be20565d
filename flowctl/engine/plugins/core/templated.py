"""A task whose text is a template."""

from __future__ import annotations

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Outputs, Result, RunContext, Task, TaskFailure
from flowctl.flowtext.document import YamlProblem, parse
from flowctl.language.types import find_type, is_work


class TemplatedTask(BuiltIn):
    """Renders `spec` to YAML and runs the task that it describes."""

    name = "io.kestra.plugin.core.templating.TemplatedTask"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Outputs | Result | None:
        """The outputs of that task."""
        try:
            value = parse(properties.required("spec")).value
        except YamlProblem as error:
            raise TaskFailure(f"the rendered spec is no YAML: {error.message}") from None
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            raise TaskFailure("the rendered spec is no task: it has no `type`")
        found = find_type(value["type"])
        if found is not None and not is_work(found.spec):
            raise TaskFailure("The templated task must be a runnable task")
        if found is not None and found.canonical == self.name:
            raise TaskFailure(f"The templated task cannot be of type '{self.name}'")
        task = context.task(found.canonical) if found is not None else None
        if task is None:
            raise TaskFailure(f"Invalid type: {value['type']}")
        return task.run(context, properties.replaced(value))


TASKS: list[Task] = [TemplatedTask()]
