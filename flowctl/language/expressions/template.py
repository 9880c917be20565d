"""A compiled template: parsed once, rendered with a context as often as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from flowctl.language.expressions.compiling.statements import Output, Program, join
from flowctl.language.expressions.environment import DEFAULT, Environment
from flowctl.language.expressions.errors import ExpressionError, LimitError, UndefinedError
from flowctl.language.expressions.java.printing import plain
from flowctl.language.expressions.parsing.blocks import parse_template
from flowctl.language.expressions.parsing.nodes import Body, Print, Text
from flowctl.language.expressions.running import Budget, Run
from flowctl.language.expressions.suggestions import hyphen, mistake

CACHED_LENGTH = 20_000


class Template:
    """One text, ready to be rendered. Safe to share between threads: a rendering has its own state."""

    __slots__ = ("_program", "body", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.body: Body = (Text(text, 0),) if "{" not in text else parse_template(text)
        literal = "{" not in text
        self._program: Program | None = None if literal else _compiled(self.body, text)

    @property
    def is_single(self) -> bool:
        """Whether the template is one `{{ }}` and nothing else, which keeps its type in `evaluate`."""
        return len(self.body) == 1 and isinstance(self.body[0], Print)

    def render(
        self, context: Mapping[str, object], environment: Environment | None = None, budget: Budget | None = None
    ) -> str:
        """The text of the template in this context. Raises ExpressionError, placed in the template."""
        if self._program is None:
            return self.text
        run = Run(context, environment or DEFAULT, budget, _nested)
        return join(self._output(run), run)

    def evaluate(
        self, context: Mapping[str, object], environment: Environment | None = None, budget: Budget | None = None
    ) -> object:
        """The typed rendering: one printed value with nothing but white space around it keeps its type.

        Texts in a row are joined. Raises ExpressionError also when a value that is no text stands beside text.
        """
        return plain(self.typed(context, environment, budget))

    def typed(
        self, context: Mapping[str, object], environment: Environment | None = None, budget: Budget | None = None
    ) -> object:
        """As `evaluate`, in the values of the expression language (`Long`, `JavaSet` …)."""
        if self._program is None:
            return self.text
        run = Run(context, environment or DEFAULT, budget, _nested)
        run.typed = True
        return self._single_value(self._output(run))

    def _single_value(self, output: Output) -> object:
        if all(type(part) is str for part in output):
            return "".join(map(str, output)) if output else ""
        solid = [part for part in output if not isinstance(part, str) or part.strip()]
        if len(solid) == 1:
            return solid[0]
        error = ExpressionError(
            "A value that is not a text stands beside other output",
            hint="use one {{ }} alone to keep its type, or `| string` to make it text",
        )
        error.place(self.text)
        raise error

    def _output(self, run: Run) -> Output:
        assert self._program is not None
        run.macros, run.blocks = self._program.macros, self._program.blocks
        output: Output = []
        try:
            self._program.execute(run, output)
        except ExpressionError as error:
            self._place(error)
            raise
        except RecursionError:
            raise self._failed(LimitError("The expression is nested too deeply")) from None
        except Exception as error:
            # Whatever an odd value makes a filter raise fails this rendering alone, as an error of the template.
            raise self._failed(ExpressionError(f"The expression cannot be evaluated: {error}")) from error
        return output

    def _failed(self, error: ExpressionError) -> ExpressionError:
        error.place(self.text)
        return error

    def _place(self, error: ExpressionError) -> None:
        if error.template is None and error.message.endswith("subtraction"):
            error.hint = hyphen(self.text, error.offset or 0) or error.hint
        if error.template is None and isinstance(error, UndefinedError):
            error.hint = mistake(self.text, error.offset or 0) or error.hint
        error.place(self.text)


def _compiled(body: Body, text: str) -> Program:
    try:
        return Program(body)
    except RecursionError:
        error = ExpressionError("The expression is nested too deeply", code="F351")
        error.place(text)
        raise error from None


def _nested(run: Run, text: str) -> str:
    return compile_template(text).render(run.context, run.environment, run.budget)


@lru_cache(maxsize=4096)
def _cached(text: str) -> Template:
    return Template(text)


def compile_template(text: str) -> Template:
    """The compiled template of a text; short ones are remembered.

    Raises:
        ExpressionError: the text cannot be parsed (F351, F352), with line and column.
    """
    return _cached(text) if len(text) <= CACHED_LENGTH else Template(text)


def truthy(text: str) -> bool:
    """Whether a rendered condition holds: not blank, and none of `false`, `0`, `-0`."""
    stripped = text.strip()
    return stripped not in ("", "false", "0", "-0")
