"""Run-time state of the triggers that are evaluated by time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.tables.flow_rows import TriggerRow
from flowctl.engine.store.tables.trigger_dates import next_ms

SCHEDULE = "SCHEDULE"
RESUMES = "previousNextExecutionDate"
"""Where a stored backfill has the date at which the trigger's own ones go on."""


def replace(
    connection: sqlite3.Connection, namespace: str, flow_id: str, rows: Sequence[TriggerRow], now_ms: int
) -> None:
    """Give a flow the triggers of its newest text.

    A trigger that was disabled on the server stays disabled, and an unchanged one keeps its next date (seen on real
    servers); those that are gone lose their row. A backfill goes on where it stands, by the new text; the trigger's own
    dates after it are those of the new text.
    """
    query = "SELECT trigger_id, definition, kind, backfill FROM triggers WHERE namespace = ? AND flow_id = ?"
    known = {row[0]: row[1:] for row in connection.execute(query, (namespace, flow_id))}
    for gone in known.keys() - {row.id for row in rows}:
        connection.execute(
            "DELETE FROM triggers WHERE namespace = ? AND flow_id = ? AND trigger_id = ?", (namespace, flow_id, gone)
        )
    for row in rows:
        old, kind, backfill = known.get(row.id, (None, None, None))
        if old == row.definition:
            continue
        date, backfill = _dates(row, backfill if kind == row.kind else None, now_ms)
        connection.execute(
            "INSERT INTO triggers (namespace, flow_id, trigger_id, kind, disabled, off_in_text, updated_ms, next_ms, "
            "definition, backfill) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?) "
            "ON CONFLICT (namespace, flow_id, trigger_id) DO UPDATE SET kind = excluded.kind, "
            "off_in_text = excluded.off_in_text, updated_ms = excluded.updated_ms, "
            "next_ms = excluded.next_ms, over = 0, definition = excluded.definition, backfill = excluded.backfill",
            (
                namespace,
                flow_id,
                row.id,
                row.kind,
                row.disabled,
                now_ms,
                date,
                row.definition,
                backfill,
            ),
        )


def _dates(row: TriggerRow, backfill: str | None, now_ms: int) -> tuple[int | None, str | None]:
    """The next date of a trigger with a new text, and its backfill: while one lasts its dates count, or none."""
    own = next_ms(row.definition, now_ms)
    if backfill is None:
        return own, None
    held = load(backfill)
    assert isinstance(held, dict)
    current = datetime.fromisoformat(str(held["currentDate"]))
    date = None if held.get("paused") is True else round(current.timestamp() * 1000)
    return date, _resuming_at(backfill, own)


def forget_met(connection: sqlite3.Connection, namespace: str, flow_id: str) -> None:
    """A flow is gone: what its Flow triggers have seen so far counts for no later one."""
    connection.execute("DELETE FROM trigger_met WHERE namespace = ? AND flow_id = ?", (namespace, flow_id))


def switch(
    connection: sqlite3.Connection, key: tuple[str, str, str], *, off: bool, now_ms: int, recover: bool = False
) -> bool:
    """Switch a trigger off or on; False when there is none.

    One that is switched on goes on with its next date from now: the dates that passed were not missed but unwanted, and
    may have fired on another server. With `recover` it goes on with the date at which it was switched off.
    """
    where = "WHERE namespace = ? AND flow_id = ? AND trigger_id = ?"
    found = connection.execute(f"SELECT disabled, kind, definition, next_ms, backfill FROM triggers {where}", key)
    row = found.fetchone()
    if row is None:
        return False
    was_off, kind, definition, date, backfill = row
    if was_off and not off and not recover and kind == SCHEDULE:
        after = next_ms(definition, now_ms)
        if backfill is not None:
            backfill = _resuming_at(backfill, after)
        elif date is not None:
            date = after
    over = date is None and row[3] is not None
    connection.execute(
        f"UPDATE triggers SET disabled = ?, next_ms = ?, backfill = ?, over = max(over, ?) {where}",
        (off, date, backfill, over, *key),
    )
    return True


def _resuming_at(backfill: str, date_ms: int | None) -> str:
    """A backfill after whose end the trigger's own dates go on from another one."""
    found = load(backfill)
    assert isinstance(found, dict)
    found.pop(RESUMES, None)
    if date_ms is not None:
        found[RESUMES] = datetime.fromtimestamp(date_ms / 1000, UTC).isoformat()
    return dump(found).decode()
