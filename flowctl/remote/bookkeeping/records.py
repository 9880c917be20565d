"""The lock and the history as values of the key-value store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from flowctl.model.history import HistoryChange, HistoryEntry
from flowctl.model.keys import FlowKey, TriggerKey, parse_address
from flowctl.model.ledger import Intent, Lock, Stopped
from flowctl.model.plan import Action
from flowctl.remote.bookkeeping.encoding import FORMAT, Unreadable, checksum, envelope, pack, unpack
from flowctl.remote.times import to_milliseconds

LOCK = "flowctl.lock"
HISTORY = "flowctl.history."
T = TypeVar("T")


def encode_lock(lock: Lock) -> dict[str, object]:
    """A lock as a value; who holds it stays readable to a person who looks into the store."""
    data = pack([_intent(intent) for intent in lock.intents])
    return {
        "format": FORMAT,
        "id": lock.id,
        "owner": lock.owner,
        "host": lock.host,
        "process": lock.process,
        "takenAt": lock.taken_at.astimezone(UTC).isoformat(),
        "expiresAt": lock.expires_at.astimezone(UTC).isoformat(),
        "planId": lock.plan_id,
        "released": lock.released,
        "checksum": checksum(data),
        "intents": data,
        **({"paused": _trigger_rows(lock.paused)} if lock.paused else {}),
        **({"stopped": [_stopped_row(one) for one in lock.stopped]} if lock.stopped else {}),
        **({"stayOff": _trigger_rows(lock.stay_off)} if lock.stay_off else {}),
    }


def decode_lock(value: object) -> Lock:
    """The lock in a value.

    Raises:
        Unreadable: it is damaged. `TooNew` when a newer flowctl wrote it.
    """
    return _guarded("lock", envelope(value), _lock)


def _lock(body: Mapping[str, object]) -> Lock:
    intents = unpack(str(body["intents"]), body["checksum"])
    assert isinstance(intents, list)
    return Lock(
        id=str(body["id"]),
        owner=str(body["owner"]),
        host=str(body["host"]),
        taken_at=datetime.fromisoformat(str(body["takenAt"])),
        expires_at=datetime.fromisoformat(str(body["expiresAt"])),
        plan_id=str(body["planId"]),
        intents=tuple(Intent(parse_address(address), *digests) for address, *digests in intents),
        released=body["released"] is True,
        process=str(body["process"]) if body.get("process") else None,
        paused=_triggers(body.get("paused")),
        stopped=_stopped(body.get("stopped")),
        stay_off=_triggers(body.get("stayOff")),
    )


def _intent(intent: Intent) -> list[str | None]:
    """As short as can be: there are thousands of them."""
    row = [intent.key.address, intent.digest]
    return row if intent.recorded is None else [*row, intent.recorded]


def _trigger_rows(triggers: Iterable[TriggerKey]) -> list[list[str]]:
    return [[flow.namespace, flow.id, trigger] for flow, trigger in triggers]


def _triggers(rows: object) -> tuple[TriggerKey, ...]:
    assert rows is None or isinstance(rows, list)
    return tuple((FlowKey(namespace, id_), trigger) for namespace, id_, trigger in rows or ())


def _stopped_row(one: Stopped) -> list[object]:
    return [one.flow.namespace, one.flow.id, one.revision, one.digest, one.meanwhile]


def _stopped(rows: object) -> tuple[Stopped, ...]:
    assert rows is None or isinstance(rows, list)
    return tuple(Stopped(FlowKey(namespace, id_), *rest) for namespace, id_, *rest in rows or ())


def encode_history(entry: HistoryEntry) -> dict[str, object]:
    """One apply as a value."""
    data = pack([_change_row(one) for one in entry.changes])
    return {
        "format": FORMAT,
        "serial": entry.serial,
        "planId": entry.plan_id,
        "commit": entry.commit,
        "by": entry.by,
        "at": to_milliseconds(entry.at),
        "omitted": entry.omitted,
        "checksum": checksum(data),
        "changes": data,
    }


def _change_row(one: HistoryChange) -> list[object]:
    digests = [one.digest_before, one.digest_after]
    return [one.key.address, one.action.value, *digests, one.revision_before, one.revision_after]


def decode_history(value: object) -> HistoryEntry:
    """The apply in a value.

    Raises:
        Unreadable: it is damaged. `TooNew` when a newer flowctl wrote it.
    """
    return _guarded("history entry", envelope(value), _history)


def _history(body: Mapping[str, object]) -> HistoryEntry:
    rows = unpack(str(body["changes"]), body["checksum"])
    assert isinstance(rows, list)
    serial, at, omitted = body["serial"], body["at"], body.get("omitted", 0)
    assert isinstance(serial, int) and isinstance(at, int) and isinstance(omitted, int)
    commit = body.get("commit")
    return HistoryEntry(
        serial=serial,
        plan_id=str(body["planId"]),
        commit=str(commit) if commit else None,
        by=str(body["by"]),
        at=datetime.fromtimestamp(at / 1000, UTC),
        changes=tuple(
            HistoryChange(parse_address(address), Action(action), before, after, old, new)
            for address, action, before, after, old, new in rows
        ),
        omitted=omitted,
    )


def _guarded(what: str, body: Mapping[str, object], read: Callable[[Mapping[str, object]], T]) -> T:
    try:
        return read(body)
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise Unreadable(f"its content is not a {what}: {type(error).__name__} {error}") from None
