"""Expressions of one execution, rendered: the bridge from records to the expression language."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.expressions.environment import Environment
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.java.printing import print_value
from flowctl.language.expressions.template import compile_template, truthy


class Renderer:
    """Renders with fixed variables. Raises ExpressionError as the language does."""

    def __init__(self, variables: Mapping[str, object], environment: Environment) -> None:
        self.variables, self.environment = variables, environment

    def text(self, template: str, extra: Mapping[str, object] | None = None) -> str:
        """A template rendered to text.

        Raises:
            ExpressionError: it cannot be parsed or rendered; the error has advice.
        """
        if "{" not in template:
            return template
        try:
            return compile_template(template).render(self._with(extra), self.environment)
        except ExpressionError as error:
            raise self._advising(error) from error.__cause__

    def typed(self, template: str, extra: Mapping[str, object] | None = None) -> object:
        """A template; a lone `{{ }}` keeps its type.

        Raises:
            ExpressionError: it cannot be parsed or rendered; the error has advice.
        """
        if "{" not in template:
            return template
        try:
            return compile_template(template).evaluate(self._with(extra), self.environment)
        except ExpressionError as error:
            raise self._advising(error) from error.__cause__

    def printed(self, value: object) -> str:
        """A value as an expression prints it."""
        return value if isinstance(value, str) else print_value(value, self.environment.limits.characters)

    def single(self, template: str) -> bool:
        """Whether a text is one `{{ }}` and nothing else."""
        return "{" in template and compile_template(template.strip()).is_single

    def truthy(self, condition: object, extra: Mapping[str, object] | None = None) -> bool:
        """Whether a condition holds."""
        text = self.text(condition, extra) if isinstance(condition, str) else self.printed(condition)
        return truthy(text)

    def _advising(self, error: ExpressionError) -> ExpressionError:
        """The error, which says what may be meant, but where the server answers in the words of a real one."""
        error.advising = self.environment.dialect == "lenient"
        return error

    def _with(self, extra: Mapping[str, object] | None) -> Mapping[str, object]:
        return {**self.variables, **extra} if extra else self.variables


__all__ = ["ExpressionError", "Renderer"]
