"""What a check of a flow has to say, before anybody turns it into text, JSON or a diagnostic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Path = tuple[str | int, ...]
Severity = Literal["error", "warning", "deprecation", "info"]
Family = Literal["parse", "flow", "element"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a flow.

    `path` leads to the value in the document (keys and indices), `code` is a page of the catalogue, `hint` the next
    step. `shown` is the place as a server names it (`group.tasks`, `labels[0].key`). `family` says where a server
    meets the problem: while reading the text (`parse`), in the flow as a whole (`flow`), or at one element.
    """

    path: Path
    message: str
    severity: Severity
    code: str
    hint: str = ""
    shown: str = ""
    family: Family = "element"

    def __str__(self) -> str:
        """One line: where, what, and what to do."""
        where = f"{self.shown}: " if self.shown else ""
        return f"{where}{self.message}; {self.hint}" if self.hint else f"{where}{self.message}"
