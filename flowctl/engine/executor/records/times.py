"""Points in time: microseconds since 1970 in the records, ISO texts at the edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def micros_of(moment: datetime) -> int:
    """An aware date-time as microseconds."""
    return (moment - _EPOCH) // _MICRO


def moment_of(at: int) -> datetime:
    """Microseconds as an aware date-time in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def iso_time(at: int) -> str:
    """Microseconds as Java prints an instant: `2026-11-25T10:00:00.123456Z`, without a zero fraction."""
    text = moment_of(at).isoformat()
    if text[19] == "+":
        return text[:19] + "Z"
    return text[: 23 if text[23:26] == "000" else 26] + "Z"
