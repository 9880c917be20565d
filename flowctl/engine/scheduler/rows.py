"""The store's side of triggers that are evaluated by time. Functions of an open connection."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flowctl.engine.executor.records.records import Execution
from flowctl.engine.scheduler import backfills
from flowctl.engine.scheduler.backfills import Backfill
from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.sealed import BACKFILLS, clear, close, has_key

_OPEN = "next_ms IS NOT NULL AND disabled = 0 AND off_in_text = 0 AND execution_id IS NULL"
_COLUMNS = "namespace, flow_id, trigger_id, kind, next_ms, definition, backfill, key_id, sealed"
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A trigger that waits for a date. `definition` is the trigger as its flow's text has it."""

    namespace: str
    flow_id: str
    trigger_id: str
    kind: str
    next_ms: int
    definition: dict[str, object]
    backfill: Backfill | None

    @property
    def key(self) -> Key:
        """Namespace, flow and trigger."""
        return self.namespace, self.flow_id, self.trigger_id


def earliest(connection: sqlite3.Connection) -> int | None:
    """The next date of all triggers that are switched on and not waiting for their execution's end."""
    readable, lost = _readable(connection)
    found = connection.execute(f"SELECT min(next_ms) FROM triggers WHERE {_OPEN}{readable}", lost).fetchone()
    return None if found is None or found[0] is None else int(found[0])


def due(connection: sqlite3.Connection, kind: str, now_ms: int, most: int) -> list[Row]:
    """Triggers of a kind whose date has come, the earliest first."""
    readable, lost = _readable(connection)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM triggers WHERE {_OPEN} AND next_ms <= ? AND kind = ?{readable} "
        "ORDER BY next_ms LIMIT ?",
        (now_ms, kind, *lost, most),
    )
    return [_row(connection, row) for row in rows]


def _readable(connection: sqlite3.Connection) -> tuple[str, list[str]]:
    """A condition of SQL, with its values, that leaves out backfills whose key is not there: they wait for it."""
    held = [row[0] for row in connection.execute("SELECT DISTINCT key_id FROM triggers WHERE key_id IS NOT NULL")]
    lost = [name for name in held if not has_key(connection, name)]
    return (f" AND (key_id IS NULL OR key_id NOT IN ({', '.join('?' * len(lost))}))" if lost else ""), lost


def undated(connection: sqlite3.Connection) -> list[tuple[Row, int]]:
    """Triggers that have no date yet, with the time of their last save; not those that have none any more."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, updated_ms FROM triggers WHERE next_ms IS NULL AND backfill IS NULL AND over = 0"
    )
    return [(_row(connection, (*row[:4], 0, *row[5:9])), int(row[9])) for row in rows]


def _row(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Row:
    namespace, flow_id, trigger_id, kind, next_ms, definition, backfill, key_id, sealed = row
    value = load(str(definition))
    key = str(namespace), str(flow_id), str(trigger_id)
    held = load(str(backfill)) if backfill else None
    if isinstance(held, dict) and key_id is not None:
        secret = load(clear(connection, BACKFILLS, key, key_id, sealed))
        held |= secret if isinstance(secret, dict) else {}
    return Row(
        *key,
        str(kind),
        int(str(next_ms)),
        value if isinstance(value, dict) else {},
        backfills.from_json(held) if isinstance(held, dict) else None,
    )


def set_next(connection: sqlite3.Connection, key: Key, next_ms: int | None) -> None:
    """Give a trigger without a date its first one."""
    connection.execute(
        "UPDATE triggers SET next_ms = ? WHERE namespace = ? AND flow_id = ? AND trigger_id = ? AND next_ms IS NULL",
        (next_ms, *key),
    )


def advance(
    connection: sqlite3.Connection,
    row: Row,
    next_ms: int | None,
    *,
    fired_ms: int | None = None,
    execution_id: str | None = None,
    backfill: Backfill | None = None,
) -> bool:
    """Move a trigger on from the date it was read with: the one thing that makes a date fire exactly once.

    Without a next date it is over. False (and nothing is changed) when somebody moved it, switched it off or locked it
    meanwhile.
    """
    stored = _stored(connection, row.key, backfill)
    changed = connection.execute(
        f"UPDATE triggers SET next_ms = ?, over = ?, last_ms = coalesce(?, last_ms), execution_id = ?, "
        f"backfill = ?, key_id = ?, sealed = ? WHERE namespace = ? AND flow_id = ? AND trigger_id = ? "
        f"AND next_ms = ? AND {_OPEN}",
        (next_ms, next_ms is None, fired_ms, execution_id, *stored, *row.key, row.next_ms),
    )
    return changed.rowcount == 1


def lock(connection: sqlite3.Connection, key: Key, next_ms: int, execution_id: str | None) -> bool:
    """Have a trigger that was moved on to `next_ms` wait for an execution's end (None: for none); False when it was
    moved meanwhile."""
    changed = connection.execute(
        f"UPDATE triggers SET execution_id = ?, last_ms = updated_ms "
        f"WHERE namespace = ? AND flow_id = ? AND trigger_id = ? AND next_ms = ? AND {_OPEN}",
        (execution_id, *key, next_ms),
    )
    return changed.rowcount == 1


def release(connection: sqlite3.Connection, execution_id: str, state: str) -> bool:
    """The execution a trigger waited for has ended; `stopAfter` may switch it off. Whether there was such a trigger."""
    found = connection.execute(
        "SELECT namespace, flow_id, trigger_id, definition FROM triggers WHERE execution_id = ?", (execution_id,)
    ).fetchone()
    if found is None:
        return False
    definition = load(found[3])
    stops = definition.get("stopAfter") if isinstance(definition, dict) else None
    off = isinstance(stops, list) and state in stops
    connection.execute(
        "UPDATE triggers SET execution_id = NULL, disabled = max(disabled, ?) "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ?",
        (off, *found[:3]),
    )
    return True


def ended(connection: sqlite3.Connection, execution: Execution) -> bool:
    """An execution that a trigger started has ended: see `release`. One that its trigger does not wait for
    (`allowConcurrent`) may switch it off all the same."""
    if release(connection, execution.id, execution.state):
        return True
    trigger_id = str((execution.trigger or {}).get("id"))
    _stop(connection, (execution.namespace, execution.flow_id, trigger_id), execution.state)
    return False


def _stop(connection: sqlite3.Connection, key: Key, state: str) -> None:
    row = one(connection, key)
    stops = row.definition.get("stopAfter") if row is not None else None
    if isinstance(stops, list) and state in stops:
        connection.execute(
            "UPDATE triggers SET disabled = 1 WHERE namespace = ? AND flow_id = ? AND trigger_id = ?", key
        )


def release_ended(connection: sqlite3.Connection) -> list[str]:
    """Let triggers go that wait for executions which have ended, or are gone, without anybody having noticed.

    Returns those executions' ids.
    """
    held = connection.execute(
        "SELECT t.execution_id, e.state FROM triggers t LEFT JOIN executions e ON e.id = t.execution_id "
        "WHERE t.execution_id IS NOT NULL AND (e.id IS NULL OR e.ended_us IS NOT NULL)"
    ).fetchall()
    for execution_id, state in held:
        release(connection, execution_id, state or "")
    return [execution_id for execution_id, _ in held]


def put_backfill(connection: sqlite3.Connection, key: Key, backfill: Backfill | None, next_ms: int | None) -> bool:
    """Start, change or drop a trigger's backfill; `next_ms` None at its end: the trigger had no date of its own any
    more. False when there is no such trigger."""
    over = backfill is None and next_ms is None
    changed = connection.execute(
        "UPDATE triggers SET backfill = ?, key_id = ?, sealed = ?, next_ms = ?, over = ? "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ?",
        (*_stored(connection, key, backfill), next_ms, over, *key),
    )
    return changed.rowcount == 1


def _stored(
    connection: sqlite3.Connection, key: Key, backfill: Backfill | None
) -> tuple[str | None, str | None, bytes | None]:
    """A backfill as anybody may see it; when inputs are secret, the key that seals them and what is sealed."""
    if backfill is None:
        return None, None, None
    text = dump(backfills.to_json(backfill)).decode()
    if not backfill.secret:
        return text, None, None
    return text, *close(connection, BACKFILLS, key, dump({"inputs": backfill.inputs, "secret": backfill.secret}))


def moment_of_ms(at: int) -> datetime:
    """Milliseconds since 1970 as a moment in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC)


def ms_of(moment: datetime) -> int:
    """A moment as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def one(connection: sqlite3.Connection, key: Key) -> Row | None:
    """One trigger by its key; `next_ms` is 0 when it has no date."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM triggers WHERE namespace = ? AND flow_id = ? AND trigger_id = ?", key
    ).fetchone()
    return _row(connection, (*found[:4], found[4] or 0, *found[5:])) if found else None
