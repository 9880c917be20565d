"""When a stored trigger is due next."""

from __future__ import annotations

from datetime import UTC, datetime

from flowctl.engine.store.jsontext import load
from flowctl.language.schedules import next_fires


def next_ms(definition: str, now_ms: int) -> int | None:
    """The next date of a schedule (its definition as JSON) after a moment; None when there is none."""
    trigger = load(definition)
    if not isinstance(trigger, dict):
        return None
    try:
        fires = next_fires(trigger, datetime.fromtimestamp(now_ms / 1000, UTC))
    except (ValueError, OverflowError):
        return None
    return int(fires[0].timestamp() * 1000) if fires else None
