"""Where the problems of a project's files are gathered, so that all of them are reported together."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowctl.errors import ProjectError
from flowctl.model.diagnostic import Diagnostic, Severity


@dataclass(slots=True)
class Problems:
    """Diagnostics in the order they were met."""

    noted: list[Diagnostic] = field(default_factory=list)

    def add(
        self,
        code: str,
        summary: str,
        *,
        path: str | None,
        at: tuple[int, int] | None = None,
        hint: str = "",
        detail: str = "",
        place: str | None = None,
        severity: Severity = "error",
    ) -> None:
        """Note one problem; `at` is line and column from 1, `path` relative to the workspace."""
        line, column = at or (None, None)
        self.noted.append(Diagnostic(code, severity, summary, detail, hint, path, line, column, place))

    @property
    def errors(self) -> list[Diagnostic]:
        """Those that stop the load."""
        return [problem for problem in self.noted if problem.severity == "error"]

    def stop_on_error(self) -> None:
        """Go on only when there is no error.

        Raises:
            ProjectError: all errors, by path, line and column.
        """
        errors = self.errors
        if errors:
            raise ProjectError.collect(in_order(errors))

    def rest(self) -> tuple[Diagnostic, ...]:
        """Everything that stops nothing, in order."""
        return tuple(in_order([problem for problem in self.noted if problem.severity != "error"]))


def in_order(problems: list[Diagnostic]) -> list[Diagnostic]:
    """By path, line, column and code; one of several that say the same."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (p.path or "", p.line or 0, p.column or 0, p.code, p.summary))
