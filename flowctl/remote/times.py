"""Instants of the two wire formats: milliseconds since 1970, and ISO 8601."""

from __future__ import annotations

from datetime import UTC, datetime


def from_milliseconds(value: int | None) -> datetime | None:
    """An instant in UTC; None for None."""
    return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


def to_milliseconds(value: datetime) -> int:
    """Milliseconds since 1970."""
    return round(value.timestamp() * 1000)


def from_iso(value: object) -> datetime | None:
    """An instant of a Kestra answer; None when it is absent or cannot be read (it is only shown)."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
