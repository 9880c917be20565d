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
    moment = moment_of(at)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = moment.microsecond
    if not fraction:
        return text + "Z"
    return f"{text}.{fraction // 1000:03d}Z" if fraction % 1000 == 0 else f"{text}.{fraction:06d}Z"
