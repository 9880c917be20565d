"""Dashboards: the text as it was sent and what was read from it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from flowctl.engine.store.jsontext import dump

COLUMNS = "id, title, source, body, created_ms, updated_ms"


@dataclass(frozen=True, slots=True)
class DashboardRow:
    """One dashboard. `body` is JSON; times in milliseconds since 1970."""

    id: str
    title: str
    source: str
    body: bytes
    created_ms: int
    updated_ms: int


def get(connection: sqlite3.Connection, id_: str) -> DashboardRow | None:
    """The dashboard, None when there is none."""
    row = connection.execute(f"SELECT {COLUMNS} FROM dashboards WHERE id = ?", (id_,)).fetchone()
    return DashboardRow(*row) if row else None


def put(
    connection: sqlite3.Connection, id_: str, title: str, source: str, body: dict[str, object], now_ms: int
) -> DashboardRow:
    """Write a dashboard; an earlier one gives its creation date."""
    before = get(connection, id_)
    row = DashboardRow(id_, title, source, dump(body), before.created_ms if before else now_ms, now_ms)
    connection.execute(
        f"INSERT OR REPLACE INTO dashboards ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        tuple(getattr(row, name) for name in COLUMNS.split(", ")),
    )
    return row


def delete(connection: sqlite3.Connection, id_: str) -> bool:
    """Whether there was one to remove."""
    return connection.execute("DELETE FROM dashboards WHERE id = ?", (id_,)).rowcount > 0
