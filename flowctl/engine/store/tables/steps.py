"""What is still to be done: ADVANCE and RUN steps, and events that wait to be looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.sealed import EVENTS, clear, close

NEVER = 2**62
"""A due time that does not come: the execution waits for an event only."""


def advance(connection: sqlite3.Connection, execution_id: str, due: int = 0) -> None:
    """Make sure that the execution is looked at by `due` (0: now)."""
    connection.execute(
        "INSERT INTO steps (execution_id, kind, due_us) VALUES (?, 'ADVANCE', ?) "
        "ON CONFLICT (execution_id) WHERE kind = 'ADVANCE' DO UPDATE SET due_us = min(due_us, excluded.due_us)",
        (execution_id, due),
    )


def advanced(connection: sqlite3.Connection, execution_id: str, due: int | None) -> None:
    """Complete the ADVANCE step, or move it to `due`."""
    if due is None:
        connection.execute("DELETE FROM steps WHERE execution_id = ? AND kind = 'ADVANCE'", (execution_id,))
    else:
        connection.execute(
            "INSERT INTO steps (execution_id, kind, due_us) VALUES (?, 'ADVANCE', ?) "
            "ON CONFLICT (execution_id) WHERE kind = 'ADVANCE' DO UPDATE SET due_us = excluded.due_us",
            (execution_id, due),
        )


def is_due(connection: sqlite3.Connection, execution_id: str) -> bool:
    """Whether the execution is to be looked at now."""
    row = connection.execute(
        "SELECT 1 FROM steps WHERE execution_id = ? AND kind = 'ADVANCE' AND due_us = 0", (execution_id,)
    ).fetchone()
    return row is not None


def due(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Every ADVANCE step with its time, earliest first. Where an event waits that time is now (0)."""
    return connection.execute(
        "SELECT execution_id, CASE WHEN execution_id IN (SELECT execution_id FROM execution_events) "
        "THEN 0 ELSE due_us END AS due FROM steps WHERE kind = 'ADVANCE' ORDER BY due"
    ).fetchall()


def add_run(connection: sqlite3.Connection, execution_id: str, task_run_id: str, owner: str) -> None:
    """A task's work is to be done by this process."""
    connection.execute(
        "INSERT INTO steps (execution_id, task_run_id, kind, owner) VALUES (?, ?, 'RUN', ?) "
        "ON CONFLICT (execution_id, task_run_id) WHERE kind = 'RUN' DO UPDATE SET owner = excluded.owner",
        (execution_id, task_run_id, owner),
    )


def claim(connection: sqlite3.Connection, owner: str) -> list[tuple[str, str]]:
    """Take over every RUN step that another (dead) process holds. Returns (execution, task run)."""
    rows = connection.execute(
        "SELECT execution_id, task_run_id FROM steps WHERE kind = 'RUN' AND owner <> ? ORDER BY rowid", (owner,)
    ).fetchall()
    connection.execute(
        "UPDATE steps SET owner = ?, tries = tries + 1 WHERE kind = 'RUN' AND owner <> ?", (owner, owner)
    )
    return rows


def finish_run(connection: sqlite3.Connection, execution_id: str, task_run_id: str, owner: str) -> bool:
    """Remove a RUN step. False when this process does not hold it (any more): the result must be dropped."""
    done = connection.execute(
        "DELETE FROM steps WHERE execution_id = ? AND task_run_id = ? AND kind = 'RUN' AND owner = ?",
        (execution_id, task_run_id, owner),
    )
    return done.rowcount == 1


def drop_runs(connection: sqlite3.Connection, execution_id: str, task_run_ids: Iterable[str]) -> None:
    """Give work up whose result is not wanted any more."""
    connection.executemany(
        "DELETE FROM steps WHERE execution_id = ? AND task_run_id = ? AND kind = 'RUN'",
        [(execution_id, id_) for id_ in task_run_ids],
    )


def tell(
    connection: sqlite3.Connection, execution_id: str, event: Mapping[str, object], *, sealed: bool = False
) -> None:
    """Leave an event for an execution and have it looked at."""
    key_id, body = close(connection, EVENTS, (execution_id,), dump(event)) if sealed else (None, dump(event))
    connection.execute(
        "INSERT INTO execution_events (execution_id, body, key_id) VALUES (?, ?, ?)", (execution_id, body, key_id)
    )
    advance(connection, execution_id)


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened to an execution. `sealed`: by something secret, as which it goes on."""

    id: int
    body: dict[str, object]
    sealed: bool


def events(connection: sqlite3.Connection, execution_id: str) -> list[Event]:
    """The events of an execution in the order in which they came."""
    rows = connection.execute(
        "SELECT id, body, key_id FROM execution_events WHERE execution_id = ? ORDER BY id", (execution_id,)
    ).fetchall()
    found = []
    for id_, data, key_id in rows:
        body = load(clear(connection, EVENTS, (execution_id,), key_id, data))
        assert isinstance(body, dict)
        found.append(Event(id_, body, key_id is not None))
    return found


def unseen(connection: sqlite3.Connection, execution_id: str) -> bool:
    """Whether an execution has an event that was not looked at."""
    row = connection.execute(
        "SELECT 1 FROM execution_events WHERE execution_id = ? LIMIT 1", (execution_id,)
    ).fetchone()
    return row is not None


def forget(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Remove events that were looked at."""
    connection.executemany("DELETE FROM execution_events WHERE id = ?", [(id_,) for id_ in ids])
