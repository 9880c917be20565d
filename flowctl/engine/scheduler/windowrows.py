"""When the windows of Flow triggers close, as rows. Functions of an open connection; times in microseconds."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

Key = tuple[str, str, str]
_THIS = "namespace = ? AND flow_id = ? AND trigger_id = ?"


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window that closes at `closes`; its trigger, whose text is `of`, was last satisfied at `met`."""

    key: Key
    of: str
    closes: int
    met: int | None


def every(connection: sqlite3.Connection) -> list[WindowRow]:
    """All of them, the one that closes first at the head."""
    query = "SELECT namespace, flow_id, trigger_id, of, closes_us, met_us FROM trigger_windows ORDER BY closes_us"
    return [WindowRow((row[0], row[1], row[2]), *row[3:]) for row in connection.execute(query)]


def put(connection: sqlite3.Connection, key: Key, of: str, closes: int) -> None:
    """Watch a window. What satisfied the trigger under an earlier text stays known: the same window is not missed."""
    connection.execute(
        "INSERT INTO trigger_windows VALUES (?, ?, ?, ?, ?, NULL) "
        "ON CONFLICT DO UPDATE SET of = excluded.of, closes_us = excluded.closes_us",
        (*key, of, closes),
    )


def drop(connection: sqlite3.Connection, key: Key) -> None:
    """Watch it no more."""
    connection.execute(f"DELETE FROM trigger_windows WHERE {_THIS}", key)


def satisfied(connection: sqlite3.Connection, key: Key, at: int) -> None:
    """A trigger was satisfied; nothing happens to one whose window is not watched."""
    connection.execute(f"UPDATE trigger_windows SET met_us = max(coalesce(met_us, 0), ?) WHERE {_THIS}", (at, *key))


def moved_on(connection: sqlite3.Connection, row: WindowRow, closes: int) -> bool:
    """Go on to the next window. False, and nothing is changed, when the row is another one by now, or something that
    happened before the window closed is still to be looked at."""
    query = "SELECT 1 FROM trigger_events WHERE at_us <= ? LIMIT 1"
    if connection.execute(query, (row.closes,)).fetchone() is not None:
        return False
    changed = connection.execute(
        f"UPDATE trigger_windows SET closes_us = ? WHERE {_THIS} AND of = ? AND closes_us = ? AND met_us IS ?",
        (closes, *row.key, row.of, row.closes, row.met),
    )
    return changed.rowcount == 1
