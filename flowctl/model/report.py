"""How an apply ended: every planned object is applied, failed or not attempted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import ObjectKey
from flowctl.model.plan import Action


class Outcome(StrEnum):
    """The end of one planned change. ROLLED_BACK only with `--rollback-on-error`; HELD only in a quiet window."""

    APPLIED = "applied"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    ROLLED_BACK = "rolled_back"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Result:
    """One object's end. `seconds` is the time its write took."""

    key: ObjectKey
    action: Action
    outcome: Outcome
    revision_before: int | None = None
    revision_after: int | None = None
    error: Diagnostic | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """The whole apply. `results` has exactly one entry per planned change, in plan order."""

    plan_id: str
    results: tuple[Result, ...]
    serial: int
    interrupted: bool = False
    problems: tuple[Diagnostic, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything planned is on the server and recorded."""
        return not self.interrupted and not self.problems and all(r.outcome is Outcome.APPLIED for r in self.results)

    def count(self, outcome: Outcome) -> int:
        """How many results ended so."""
        return sum(r.outcome is outcome for r in self.results)
