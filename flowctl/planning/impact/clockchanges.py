"""Daylight saving and schedules: which of the coming changes of the clock skips or doubles a run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from flowctl.language.cron import Cron

_AHEAD = 364
"""Days that are looked through: each change of a zone once."""


def clock_changes(where: tzinfo, cron: Cron, now: datetime) -> tuple[str, ...]:
    """A note for each change of the zone's offset within a year that a fire time falls into."""
    return tuple(note for at, gap in changes(where, now) if (note := _note(cron, where, at, gap)) is not None)


@lru_cache(maxsize=64)
def changes(where: tzinfo, now: datetime) -> tuple[tuple[datetime, timedelta], ...]:
    """The changes of a zone's offset in the coming year: the instant (UTC), and how far the clock goes ahead.

    Remembered: a plan asks for the same few zones at the same moment, once for each schedule.
    """
    return tuple(_changes(where, now))


def _changes(where: tzinfo, now: datetime) -> Iterator[tuple[datetime, timedelta]]:
    day = now.astimezone(UTC)
    for _ in range(_AHEAD):
        following = day + timedelta(days=1)
        was, will = _offset(day, where), _offset(following, where)
        if was != will:
            yield _instant(day, following, where), will - was
        day = following


def _offset(at: datetime, where: tzinfo) -> timedelta:
    return at.astimezone(where).utcoffset() or timedelta()


def _instant(low: datetime, high: datetime, where: tzinfo) -> datetime:
    """The minute between two moments at which the offset changes."""
    was = _offset(low, where)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(middle, where) == was else (low, middle)
    return high.replace(second=0, microsecond=0)


def _note(cron: Cron, where: tzinfo, at: datetime, gap: timedelta) -> str | None:
    """What happens to the fires whose wall-clock times the change removes or repeats."""
    day = at.astimezone(where).date()
    if cron.hours.every or not cron.fires_on(day):
        return None
    wall = (at - timedelta(minutes=1)).astimezone(where).replace(tzinfo=None) + timedelta(minutes=1)
    start, end = (wall, wall + gap) if gap > timedelta() else (wall + gap, wall)
    times = [
        f"{hour:02d}:{minute:02d}"
        for hour in cron.hours.values
        for minute in cron.minutes.values
        if start <= datetime(day.year, day.month, day.day, hour, minute) < end
    ]
    if not times:
        return None
    listed = ", ".join(times[:3]) + (f" and {len(times) - 3} more" if len(times) > 3 else "")
    one = len(times) == 1
    if gap > timedelta():
        skipped = "does not exist, that run is skipped" if one else "do not exist, those runs are skipped"
        return f"on {day} the clock goes forward: {listed} {skipped}"
    twice = "comes twice, it runs" if one else "come twice, they run"
    return f"on {day} the clock goes back: {listed} {twice} the first time only"
