"""An environment that goes to another server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.history import HistoryEntry
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey, TriggerKey
from flowctl.model.ledger import Ledger, Lock
from flowctl.model.live import LiveTrigger
from flowctl.model.plan import Plan
from flowctl.model.report import ApplyReport

MOVING, MOVED = "move:", "moved:"
"""What the plan id of a lock begins with that says where an environment goes, or went; the other one's name follows."""


def mark_of(lock: Lock | None) -> str | None:
    """The environment that the holder of a lock went to, or is going to; None for any other lock."""
    if lock is None or lock.released or not lock.plan_id.startswith((MOVING, MOVED)):
        return None
    return lock.plan_id.partition(":")[2]


def is_done(lock: Lock | None) -> bool:
    """Whether the move that a lock marks came to its end."""
    return mark_of(lock) is not None and lock is not None and lock.plan_id.startswith(MOVED)


@dataclass(frozen=True, slots=True)
class Move:
    """What a move from environment `source` to environment `target` does; `plan` is the target's.

    `values` and `files` have no file and are copied from server to server. `fire` are the triggers that fire on the
    source now and will be switched off there, `rest` those that are switched off and stay so. `running` says by
    flow what is not at its end on the source, `left` what stays there because flowctl never deployed it, `webhooks`
    whose callers need another address. `ledger` and `history` are what the target is given; None when it has them.
    """

    source: str
    target: str
    namespace: str
    source_url: str
    plan: Plan
    values: tuple[KvKey, ...] = ()
    expiries: Mapping[KvKey, datetime] = field(default_factory=dict)
    files: tuple[FileKey, ...] = ()
    fire: tuple[LiveTrigger, ...] = ()
    rest: tuple[LiveTrigger, ...] = ()
    running: Mapping[FlowKey, str] = field(default_factory=dict)
    left: tuple[ObjectKey, ...] = ()
    webhooks: tuple[FlowKey, ...] = ()
    ledger: Ledger | None = None
    history: tuple[HistoryEntry, ...] = ()
    done: bool = False

    @property
    def refusals(self) -> tuple[Diagnostic, ...]:
        """Why it may not be done; those of the target's plan."""
        return self.plan.refusals


@dataclass(frozen=True, slots=True)
class Missed:
    """A date that came while a trigger was on neither server."""

    flow: FlowKey
    trigger_id: str
    date: datetime


@dataclass(frozen=True, slots=True)
class MoveReport:
    """How a move ended. `off` are the triggers that stay switched off on the source, `reopened` those that fire there
    again because their flow did not arrive; `applied` is None when the target had everything."""

    lock: Lock
    applied: ApplyReport | None
    values: int
    files: int
    off: tuple[TriggerKey, ...] = ()
    reopened: tuple[TriggerKey, ...] = ()
    missed: tuple[Missed, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything arrived."""
        return not self.reopened and (self.applied is None or self.applied.ok)
