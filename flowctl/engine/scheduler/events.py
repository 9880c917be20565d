"""Changes of state that flow triggers may wait for, as rows. Functions of an open connection."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.sealed import MET, clear, close

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class StateEvent:
    """An execution came into a state. `at` in microseconds."""

    id: int
    execution_id: str
    state: str
    at: int


def add(connection: sqlite3.Connection, execution_id: str, state: str, at: int) -> None:
    """Remember a change of state, in the transaction of the change."""
    connection.execute(
        "INSERT INTO trigger_events (execution_id, state, at_us) VALUES (?, ?, ?)", (execution_id, state, at)
    )


def pending(connection: sqlite3.Connection, most: int) -> list[StateEvent]:
    """Changes that nobody looked at yet, the oldest first."""
    rows = connection.execute("SELECT id, execution_id, state, at_us FROM trigger_events ORDER BY id LIMIT ?", (most,))
    return [StateEvent(*row) for row in rows]


def done(connection: sqlite3.Connection, event: StateEvent) -> bool:
    """Cross an event off; False when that was done already."""
    return connection.execute("DELETE FROM trigger_events WHERE id = ?", (event.id,)).rowcount == 1


FIRED = -1
"""The number under which the time stands at which a trigger with `fireOnce` last fired."""


def met(connection: sqlite3.Connection, key: Key, digest: str) -> dict[int, tuple[int, dict[str, object]]]:
    """The dependencies of a trigger that were met under its present text: by number, when and with what variables."""
    rows = connection.execute(
        "SELECT dependency, at_us, variables, key_id FROM trigger_met "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ? AND dependency >= 0 ORDER BY at_us",
        key,
    )
    found: dict[int, tuple[int, dict[str, object]]] = {}
    for number, at, data, key_id in rows:
        value = load(clear(connection, MET, (*key, number), key_id, data))
        if isinstance(value, dict) and value.get("of", digest) == digest:
            found[number] = at, value
    return found


def put_met(connection: sqlite3.Connection, key: Key, number: int, at: int, variables: dict[str, object]) -> None:
    """A dependency is met (again); what was told of something secret (`told`) is sealed."""
    data, key_id = dump(variables), None
    if "told" in variables:
        key_id, data = close(connection, MET, (*key, number), data)
    connection.execute(
        "INSERT INTO trigger_met VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at_us = excluded.at_us, "
        "variables = excluded.variables, key_id = excluded.key_id",
        (*key, number, at, data, key_id),
    )


def clear_met(connection: sqlite3.Connection, key: Key) -> None:
    """Start over; when it fired stays known."""
    connection.execute(
        "DELETE FROM trigger_met WHERE namespace = ? AND flow_id = ? AND trigger_id = ? AND dependency >= 0", key
    )


def fired(connection: sqlite3.Connection, key: Key, digest: str) -> int | None:
    """When a trigger with `fireOnce` last fired under its present text, in microseconds."""
    row = connection.execute(
        "SELECT at_us, variables, key_id FROM trigger_met "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ? AND dependency = ?",
        (*key, FIRED),
    ).fetchone()
    value = load(clear(connection, MET, (*key, FIRED), row[2], row[1])) if row else None
    return row[0] if isinstance(value, dict) and value.get("of") == digest else None
