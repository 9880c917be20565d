"""Log, Return, Echo, OutputValues, Publish."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")
JAVA_NAMES = {
    int: "java.lang.Integer",
    bool: "java.lang.Boolean",
    float: "java.lang.Double",
    dict: "java.util.LinkedHashMap",
}


class Log(BuiltIn):
    """Writes lines to the execution's log."""

    name = "io.kestra.plugin.core.log.Log"

    def run(self, context: RunContext, properties: Properties) -> None:
        """One line, or one per element of a list."""
        message = properties.raw("message")
        level = properties.choice("level", LEVELS, "INFO")
        if isinstance(message, str):
            context.log(level, context.render(message))
        elif isinstance(message, list):
            if not all(isinstance(line, str) for line in message):
                raise TaskFailure("a list of messages may hold text only")
            for line in message:
                context.log(level, context.render(line))
        else:
            kind = JAVA_NAMES.get(type(message), type(message).__name__)
            raise TaskFailure(f"Invalid message type 'class {kind}'")


class Return(BuiltIn):
    """Gives a rendered text back."""

    name = "io.kestra.plugin.core.debug.Return"

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`value`; no key at all without `format`."""
        value = properties.text("format")
        return {} if value is None else {"value": value}


class Echo(BuiltIn):
    """The older Log."""

    name = "io.kestra.plugin.core.debug.Echo"

    def run(self, context: RunContext, properties: Properties) -> None:
        """One line, which may be empty."""
        text = properties.text("format")
        text = properties.required("format") if text is None else text
        context.log(properties.choice("level", LEVELS, "INFO"), text)


class OutputValues(BuiltIn):
    """Gives values back."""

    name = "io.kestra.plugin.core.output.OutputValues"

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`values`: templates give text, plain YAML keeps its type, null entries are dropped."""
        return {"values": properties.mapping("values")}


TASKS: list[Task] = [Log(), Return(), Echo(), OutputValues()]
