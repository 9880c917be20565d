"""Points in time: microseconds since 1970 in the records, ISO texts at the edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

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
    seconds, micros = divmod(at, 1_000_000)
    if micros == 0:
        return _second(seconds) + "Z"
    if micros % 1000 == 0:
        return f"{_second(seconds)}.{micros // 1000:03d}Z"
    return f"{_second(seconds)}.{micros:06d}Z"


@lru_cache(maxsize=1024)
def _second(at: int) -> str:
    """A whole second without its zone. An answer about a large execution says the same few of them again and again."""
    return (_EPOCH + timedelta(seconds=at)).isoformat()[:19]
