"""A plan is a value: frozen, sorted, complete, serialisable. Showing it and doing it read the same value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.impact import NO_IMPACT, Impact
from flowctl.model.keys import ObjectKey
from flowctl.model.live import ServerIdentity, Verdict
from flowctl.model.project import GitStamp, KvType


class Action(StrEnum):
    """What apply does to one object. ADOPT and FORGET touch the ledger only."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    FORGET = "forget"


class Extent(StrEnum):
    """How much of a text changed: its meaning, or only comments, or only layout."""

    CONTENT = "content"
    COMMENTS = "comments"
    FORMATTING = "formatting"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One place that differs. `before`/`after` are JSON values, already masked where secret; `op` says which count."""

    place: str
    op: str  # "add" | "change" | "remove" | "reorder"
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class Content:
    """One side of a change.

    `source` is a flow's exact text; `data` a file's bytes; `value`/`env`/`ttl`/`description` a key-value's.
    `value` of a key-value is what the file says; for `env` the value is in the variable and never here.
    `hidden` are the parts of `source` that no view may print (webhook keys, passwords): line, start and end column,
    all from 0.
    """

    digest: str | None
    revision: int | None = None
    source: str | None = None
    data: bytes | None = None
    value: object = None
    type: KvType | str | None = None
    env: str | None = None
    ttl: str | None = None
    description: str | None = None
    size: int | None = None
    hidden: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One object that apply will touch.

    `level` orders the work: all changes of a level may run together, levels ascend. `reason` is the text behind
    "because"; `moved_from`/`moved_to` pair the two halves of a move (`-/+`). `hold` says what apply would wait for
    before it writes this, as seen when the plan was made (`fires in 3 m`); `drain` that it waits for the end of the
    flow's executions, and lets no trigger start new ones meanwhile. `called_by` are, of a flow that goes, those that go
    with it and call it; in a circle they call each other, and a flow may call itself. `kept_off` is, of a flow that
    stays disabled because somebody disabled it on the server, the digest that the ledger is to have: that of its file.
    """

    action: Action
    key: ObjectKey
    before: Content | None
    after: Content | None
    reason: str
    level: int
    extent: Extent = Extent.CONTENT
    fields: tuple[FieldChange, ...] = ()
    path: str | None = None
    verdict: Verdict | None = None
    moved_from: ObjectKey | None = None
    moved_to: ObjectKey | None = None
    notes: tuple[Diagnostic, ...] = ()
    depends_on: tuple[ObjectKey, ...] = ()
    impact: Impact = NO_IMPACT
    hold: str = ""
    drain: bool = False
    called_by: tuple[ObjectKey, ...] = ()
    kept_off: str | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """An owned object that somebody else changed on the server since the last apply."""

    key: ObjectKey
    kind: str  # "changed" | "deleted" | "recreated"
    applied_digest: str
    live_digest: str | None
    applied_revision: int | None
    live_revision: int | None
    fields: tuple[FieldChange, ...] = ()
    applied_commit: str | None = None
    applied_by: str | None = None
    applied_at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """The summary line."""

    unchanged: int = 0
    unmanaged: int = 0
    ignored: int = 0
    not_selected: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything apply needs, and nothing secret.

    `changes` stand in the order in which they will be applied. `serial` is the ledger's at planning time (0 without
    a ledger). `policy_digest` ties the plan to the guards it was made under. A plan with `refusals` is never applied.
    `quiet_window` (seconds) is what apply holds flows back for, None when it does not.
    """

    id: str
    environment: str
    namespace: str
    server: ServerIdentity
    created_at: datetime
    flowctl_version: str
    changes: tuple[Change, ...]
    drift: tuple[Drift, ...] = ()
    unmanaged: tuple[ObjectKey, ...] = ()
    counts: Counts = Counts()
    refusals: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    lineage: str | None = None
    serial: int = 0
    policy_digest: str = ""
    git: GitStamp | None = None
    rebuilt: tuple[ObjectKey, ...] = ()
    quiet_window: float | None = None

    @property
    def empty(self) -> bool:
        """Whether apply would write nothing at all, ledger included."""
        return not self.changes

    def count(self, action: Action) -> int:
        """How many changes have this action."""
        return sum(change.action is action for change in self.changes)
