"""What the rules share: the dialect, who is asking, and where findings go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from flowctl.flowtext.places import format_place
from flowctl.language.defaults import Default
from flowctl.language.findings import Family, Finding, Path, Severity
from flowctl.language.walk import Task
from flowctl.model.environment import Dialect

MOST = 1_000
"""Findings of one flow that are kept."""


@dataclass(slots=True)
class Context:
    """One check of one flow, in today's spelling, with all its `tasks`. `strict` is the server's mode; `empty` are the
    places of keys with nothing after them."""

    flow: Mapping[str, object]
    dialect: Dialect
    strict: bool
    findings: list[Finding] = field(default_factory=list)
    defaults: tuple[Default, ...] = ()
    tasks: Sequence[tuple[Path, Task]] = ()
    empty: Collection[Path] = ()
    templates_left: int = 5_000
    hints_left: int = 50

    @property
    def suspicion(self) -> Severity:
        """What a server of this dialect refuses for certain, and another one perhaps not."""
        return "error" if self.strict else "warning"

    def say(
        self,
        path: Path,
        shown: str,
        message: str,
        code: str,
        *,
        hint: str = "",
        severity: Severity = "error",
        family: Family = "element",
    ) -> None:
        """Note one finding. Past a thousand there is nothing new to learn."""
        if len(self.findings) >= MOST:
            return
        self.findings.append(Finding(path, message, severity, code, hint, shown, family))

    def unreadable(
        self, path: Path, message: str, code: str, *, hint: str = "", severity: Severity | None = None
    ) -> None:
        """Note that a server cannot read the text here; the message ends with the place."""
        if len(self.findings) >= MOST:
            return
        place = format_place(self.flow, path)
        text = f"{message} at {place}" if place else message
        self.findings.append(Finding(path, text, severity or self.suspicion, code, hint, place, "parse"))

    def near(self, word: str, known: Iterable[str]) -> str:
        """A hint that names the nearest of the known words, or nothing. Finding it takes time: only so many times."""
        self.hints_left -= 1
        if self.hints_left < 0 or len(word) > 200:
            return ""
        near = get_close_matches(word, list(known), 1, 0.7)
        return f"did you mean `{near[0]}`?" if near else ""

    def wrong(self, path: Path, message: str, code: str, *, hint: str = "") -> None:
        """Note that a value has a shape no server reads."""
        text = f"Illegal Flow source: YAML parsing error: Cannot deserialize value of type {message}"
        self.unreadable(path, text if self.strict else f"cannot read {message}", code, hint=hint, severity="error")


def index_text(path: Path) -> str:
    """A path as servers write it where things have no names: `tasks[0].retry`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def listed(value: object) -> list[object]:
    """A list as it is, and nothing for anything else."""
    return value if isinstance(value, list) else []
