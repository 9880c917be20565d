"""What can go wrong while an expression is read or rendered.

    ExpressionError            the text cannot be parsed, or a rendering failed
    ├── UndefinedError         a name or attribute does not exist; `??`, `default` and `is defined` catch it
    └── LimitError             a rendering passed one of its limits; nothing inside the template catches it

Code raises them with an offset into the template, or with none; `Template` turns the offset into line and column.
"""

from __future__ import annotations

from flowctl.model.diagnostic import Diagnostic

SHOWN = 600


class ExpressionError(Exception):
    """A template that cannot be read or rendered.

    `message` says what happened without the place, `hint` what to do (may be empty); `line` and `column` count from 1
    and are None until the template is known. `advising`: the text of the error ends with the hint. `code` is a page of
    the catalogue: F351 syntax, F352 unknown filter, function, test or tag, F353 undefined, F354 a limit, F355
    everything else that fails while rendering.
    """

    code = "F355"

    def __init__(self, message: str, *, offset: int | None = None, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint
        self.template: str | None = None
        self.line: int | None = None
        self.column: int | None = None
        self.advising = False
        if code:
            self.code = code

    def place(self, template: str) -> None:
        """Fills in line and column from the offset, once: the innermost template keeps its place."""
        if self.template is not None:
            return
        offset = min(self.offset or 0, len(template))
        self.template = template
        self.line = template.count("\n", 0, offset) + 1
        self.column = offset - (template.rfind("\n", 0, offset) + 1) + 1

    def shown(self) -> str:
        """The template, shortened when it is long."""
        text = self.template or ""
        return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"

    def __str__(self) -> str:
        if self.template is None:
            return self.message
        return self._placed() + (f"; {self.hint}" if self.advising and self.hint else "")

    def _placed(self) -> str:
        """What happened and where, in the words of a real server."""
        return f"{self.message} ({self.shown()}:{self.line})"

    def diagnostic(self) -> Diagnostic:
        """The error as a problem of a file; line and column are those inside the template."""
        return Diagnostic(self.code, "error", self.message, self.shown(), self.hint, None, self.line, self.column)


class UndefinedError(ExpressionError):
    """A variable or attribute that does not exist; `name` is the first missing part."""

    code = "F353"

    def __init__(self, name: str, *, offset: int | None = None, hint: str = "") -> None:
        super().__init__(f"Unable to find `{name}`", offset=offset, hint=hint)
        self.name = name

    def _placed(self) -> str:
        return f"Unable to find `{self.name}` used in the expression `{self.shown()}` at line {self.line}"


class LimitError(ExpressionError):
    """A rendering that passed a limit of its environment."""

    code = "F354"
