"""What is wrong, where, and what to do: the one shape of every problem flowctl reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    `code` is a page of the catalogue (`flowctl explain CODE`), `summary` one line, `detail` the values found,
    `hint` the next step. `line` and `column` count from 1. `place` is a place inside a flow, such as
    `tasks[load].commands[2]`; `subject` an object address, such as `flow NS/ID`.
    """

    code: str
    severity: Severity
    summary: str
    detail: str = ""
    hint: str = ""
    path: str | None = None
    line: int | None = None
    column: int | None = None
    place: str | None = None
    subject: str | None = None
