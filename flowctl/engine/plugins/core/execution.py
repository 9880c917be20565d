"""Tasks that act on their own execution."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import Result, RunContext, Task, TaskFailure
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.template import truthy

_PREFIX = "io.kestra.plugin.core.execution."
EXITS = ("SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED")


class Fail(BuiltIn):
    """Fails, always or on a condition."""

    name = _PREFIX + "Fail"

    def run(self, context: RunContext, properties: Properties) -> None:
        """Nothing comes back."""
        condition = properties.raw("condition")
        if condition is not None:
            if not truthy(properties.rendered_text(condition)):
                return
            context.log("ERROR", "Fail on a condition")
        raise TaskFailure(properties.text("errorMessage") or "Task failure")


class Assert(BuiltIn):
    """Fails unless all conditions hold."""

    name = _PREFIX + "Assert"

    def run(self, context: RunContext, properties: Properties) -> None:
        """A condition that cannot be rendered counts as one that does not hold."""
        raw = properties.raw("conditions")
        conditions = raw if isinstance(raw, list) else properties.listing("conditions")
        failed = [text for text in (self._failure(properties, condition) for condition in conditions) if text]
        for text in failed:
            context.log("ERROR", text)
        if failed:
            own = properties.text("errorMessage")
            head = f"{len(failed)} assertion{'s' if len(failed) > 1 else ''} failed!"
            raise TaskFailure(f"{head}\n{own}" if own else head)

    def _failure(self, properties: Properties, condition: object) -> str:
        """What to say about a condition that does not hold; empty for one that does."""
        try:
            return "" if truthy(properties.rendered_text(condition)) else f"Assertion `{condition}` failed!"
        except ExpressionError as error:
            return f"Assertion `{condition}` failed, failed to render `{error}`"


class Exit(BuiltIn):
    """Ends the execution at once."""

    name = _PREFIX + "Exit"

    def run(self, context: RunContext, properties: Properties) -> Result:
        """In the state that is asked for."""
        return Result(exit=properties.choice("state", EXITS, "SUCCESS"))


class Labels(BuiltIn):
    """Sets labels of the execution."""

    name = _PREFIX + "Labels"

    def run(self, context: RunContext, properties: Properties) -> Result:
        """Errors defy `allowFailure`, as on servers."""
        try:
            labels = self._labels(properties)
        except (ExpressionError, BadProperty) as error:
            raise TaskFailure(str(error), tolerable=False) from error
        for key, value in labels.items():
            if key.startswith("system."):
                text = f"System labels can only be set by Kestra itself, offending label: {key}={value}"
                raise TaskFailure(text, tolerable=False)
            if not value.strip():
                raise TaskFailure(f"Label values cannot be empty, offending label: {key}", tolerable=False)
        return Result(labels=labels)

    def _labels(self, properties: Properties) -> dict[str, str]:
        raw = properties.raw("labels")
        if isinstance(raw, str):
            text = properties.rendered_text(raw)
            raw = properties.listing("labels") if text.lstrip().startswith("[") else properties.mapping("labels")
        if isinstance(raw, list):
            pairs = [(item.get("key"), item.get("value")) for item in raw if isinstance(item, dict)]
        elif isinstance(raw, dict):
            pairs = list(raw.items())
        else:
            raise BadProperty("`labels` is neither a map nor a list")
        found = {self._text(properties, key): self._text(properties, value) for key, value in pairs}
        found.pop("", None)
        return found

    def _text(self, properties: Properties, value: object) -> str:
        return "" if value is None else properties.rendered_text(value)


class SetVariables(BuiltIn):
    """Sets variables of the execution."""

    name = _PREFIX + "SetVariables"

    def run(self, context: RunContext, properties: Properties) -> Result:
        """Merged deeply; errors defy `allowFailure`, as on servers."""
        try:
            variables = properties.mapping("variables")
            overwrite = properties.flag("overwrite", True)
            if not overwrite:
                self._refuse_existing(context, variables)
        except (ExpressionError, BadProperty) as error:
            raise TaskFailure(str(error), tolerable=False) from error
        return Result(variables=variables)

    def _refuse_existing(self, context: RunContext, variables: Mapping[str, object]) -> None:
        present = context.evaluate("{{ vars ?? {} }}")
        clash = [name for name in variables if isinstance(present, Mapping) and name in present]
        if clash:
            text = "`overwrite` is set to false and the following variables already exist: "
            raise TaskFailure(text + ",".join(clash), tolerable=False)


class UnsetVariables(BuiltIn):
    """Removes variables of the execution; a missing name is no failure, as on servers."""

    name = _PREFIX + "UnsetVariables"

    def run(self, context: RunContext, properties: Properties) -> Result:
        """`a.b` removes a nested key."""
        return Result(unset=properties.texts("variables"))


TASKS: list[Task] = [Fail(), Assert(), Exit(), Labels(), SetVariables(), UnsetVariables()]
