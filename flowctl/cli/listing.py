"""Every object of an environment's server in a row: whose it is, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.cli.past.rows import short
from flowctl.cli.plans.prepare import Planned
from flowctl.model.drifting import DriftReport
from flowctl.model.keys import FileKey, FlowKey, ObjectKey, sort_key
from flowctl.model.ledger import LedgerEntry
from flowctl.model.live import LiveState
from flowctl.model.plan import Action

COLUMNS = ("object", "revision", "state", "applied", "by", "commit")
_PENDING = {
    Action.CREATE: "to be created",
    Action.UPDATE: "to be updated",
    Action.DELETE: "to be deleted",
    Action.ADOPT: "to be adopted",
    Action.FORGET: "to be forgotten",
}


def object_rows(planned: Planned, drift: DriftReport) -> list[Mapping[str, object]]:
    """What flowctl owns, what is to come, and what is not managed, in the order of their names."""
    ledger = planned.live.ledger
    entries = ledger.entries if ledger is not None else {}
    states: dict[ObjectKey, str] = dict.fromkeys(entries, "as applied")
    states |= {change.key: _PENDING[change.action] for change in planned.plan.changes}
    states |= {one.drift.key: "drifted" for one in drift.objects}
    states |= dict.fromkeys(planned.plan.unmanaged, "unmanaged")
    return [_row(key, states[key], entries.get(key), planned.live) for key in sorted(states, key=sort_key)]


def _row(key: ObjectKey, state: str, entry: LedgerEntry | None, live: LiveState) -> Mapping[str, object]:
    return {
        "object": key.address,
        "revision": _revision(key, live),
        "state": state,
        "applied": entry.at.isoformat(timespec="seconds") if entry is not None else None,
        "by": entry.by if entry is not None else None,
        "commit": short(entry.commit) if entry is not None else None,
    }


def _revision(key: ObjectKey, live: LiveState) -> int | None:
    if isinstance(key, FileKey):
        return None
    found = live.flows.get(key) if isinstance(key, FlowKey) else live.kv.get(key)
    return found.revision if found is not None else None
