"""What past applies did, as it is kept on the server beside the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowctl.model.keys import ObjectKey
from flowctl.model.plan import Action


@dataclass(frozen=True, slots=True)
class HistoryChange:
    """One object of a past apply. Digests of secret values are keyed; None where the object was not there.

    `digest_before` is the one that had been applied, also of what was edited or deleted on the server since; where none
    had been, that of what was there.
    """

    key: ObjectKey
    action: Action
    digest_before: str | None
    digest_after: str | None
    revision_before: int | None = None
    revision_after: int | None = None


@dataclass(frozen=True, slots=True)
class FlowRevision:
    """One text that a server keeps of a flow. `deleted` is a tombstone: the flow was gone from there on."""

    revision: int
    source: str
    digest: str
    updated: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One apply. `serial` is the ledger's after it; `omitted` counts changes that were left out to bound the entry."""

    serial: int
    plan_id: str
    commit: str | None
    by: str
    at: datetime
    changes: tuple[HistoryChange, ...]
    omitted: int = 0
