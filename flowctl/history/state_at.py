"""The objects of an environment as they were after an earlier apply, by digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowctl.errors import PlanError
from flowctl.model.history import HistoryChange, HistoryEntry
from flowctl.model.keys import ObjectKey
from flowctl.model.ledger import Ledger
from flowctl.model.plan import Action

_MOVED = (Action.CREATE, Action.UPDATE, Action.DELETE)


def digests_at(
    ledger: Ledger, entries: Sequence[HistoryEntry], serial: int, environment: str
) -> Mapping[ObjectKey, str]:
    """Key → digest (as ledgers hold them) of everything flowctl had applied when `serial` was the ledger's.

    `environment` is its name, for messages. Goes back from the present ledger, apply by apply. What was taken over and
    had not been applied before stays as it is; what was forgotten, or taken over after an edit, had been applied, and
    comes back as it had been.

    Raises:
        PlanError: P120, there was no such apply, or its successors are no longer kept whole.
    """
    known = {entry.serial: entry for entry in entries}
    later = range(ledger.serial, serial, -1)
    if not 0 < serial <= ledger.serial:
        raise no_such_serial(serial, serials(ledger), environment)
    missing = [number for number in later if number not in known]
    if missing:
        why = f"what apply {missing[0]} changed is no longer kept: the last 20 applies are"
        raise no_such_serial(serial, why, environment)
    cut = [number for number in later if known[number].omitted]
    if cut:
        why = f"apply {cut[0]} changed so much that its record leaves some of it out"
        raise no_such_serial(serial, why, environment)
    found = {key: entry.digest for key, entry in ledger.entries.items()}
    for number in later:
        for change in known[number].changes:
            _take_back(found, change)
    _as_applied(found, known, serial, later)
    return found


def _take_back(found: dict[ObjectKey, str], change: HistoryChange) -> None:
    if change.digest_before is not None:
        found[change.key] = change.digest_before
    elif change.action in _MOVED:
        found.pop(change.key, None)


def _as_applied(
    found: dict[ObjectKey, str], known: Mapping[int, HistoryEntry], serial: int, later: Sequence[int]
) -> None:
    """Before a later apply somebody may have edited or deleted an object: what counts is what had been applied, and the
    newest record up to `serial` says that best."""
    open_keys = {change.key for number in later for change in known[number].changes}
    for number in sorted((number for number in known if number <= serial), reverse=True):
        for change in known[number].changes:
            if change.key in open_keys:
                open_keys.discard(change.key)
                if change.digest_after is not None:
                    found[change.key] = change.digest_after


def last_change(entries: Sequence[HistoryEntry], key: ObjectKey, serial: int) -> HistoryEntry | None:
    """The newest apply up to `serial` that touched an object; None when it is no longer kept."""
    touching = [one for one in entries if one.serial <= serial and any(change.key == key for change in one.changes)]
    return max(touching, key=lambda one: one.serial, default=None)


def serials(ledger: Ledger | None) -> str:
    """Which serials there are, in words."""
    return f"the serials go from 1 to {ledger.serial}" if ledger is not None else "nothing was applied here"


def no_such_serial(serial: int, detail: str, environment: str) -> PlanError:
    """P120, with the reason."""
    hint = f"`flowctl history {environment}` lists the applies; `--to COMMIT` goes back to any commit"
    return PlanError.of("P120", f"cannot go back to serial {serial}", detail, hint)
