"""Run-time state of the triggers that are evaluated by time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from flowctl.engine.store.flow_rows import TriggerRow
from flowctl.engine.store.trigger_dates import next_ms


def replace(
    connection: sqlite3.Connection, namespace: str, flow_id: str, rows: Sequence[TriggerRow], now_ms: int
) -> None:
    """Give a flow the triggers of its newest text.

    A trigger that was disabled on the server stays disabled, and an unchanged one keeps its next date (seen on real
    servers); those that are gone lose their row.
    """
    known = {
        row[0]: row[1]
        for row in connection.execute(
            "SELECT trigger_id, definition FROM triggers WHERE namespace = ? AND flow_id = ?",
            (namespace, flow_id),
        )
    }
    for gone in known.keys() - {row.id for row in rows}:
        connection.execute(
            "DELETE FROM triggers WHERE namespace = ? AND flow_id = ? AND trigger_id = ?", (namespace, flow_id, gone)
        )
    for row in rows:
        old = known.get(row.id)
        if old == row.definition:
            continue
        connection.execute(
            "INSERT INTO triggers (namespace, flow_id, trigger_id, kind, disabled, off_in_text, updated_ms, next_ms, "
            "definition) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT (namespace, flow_id, trigger_id) DO UPDATE "
            "SET kind = excluded.kind, off_in_text = excluded.off_in_text, updated_ms = excluded.updated_ms, "
            "next_ms = excluded.next_ms, definition = excluded.definition",
            (
                namespace,
                flow_id,
                row.id,
                row.kind,
                row.disabled,
                now_ms,
                next_ms(row.definition, now_ms),
                row.definition,
            ),
        )
