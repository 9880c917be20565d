"""Wall-clock minutes of a day as instants, with the day's change of offset where it has one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from flowctl.language.cron.fields import Values

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def minutes_of_day(
    hours: Values, minutes: Values, day: date, where: tzinfo, after: datetime | None
) -> Iterator[datetime]:
    """The instants (UTC, ascending) at which the given minutes of a day begin.

    With `after`, minutes that end before it may be left out.
    """
    offset = datetime.combine(day, time(), where).utcoffset()
    assert offset is not None
    if offset == datetime.combine(day + _DAY, time(), where).utcoffset():
        yield from _plain(hours, minutes, datetime.combine(day, time(), UTC) - offset, after)
        return
    found = _changed(hours, minutes, day, where)
    yield from found[bisect_left(found, after - _MINUTE) if after is not None else 0 :]


def _plain(hours: Values, minutes: Values, midnight: datetime, after: datetime | None) -> Iterator[datetime]:
    skip = int((after - midnight).total_seconds()) if after is not None else -1
    for hour in hours.values:
        if (hour + 1) * 3600 <= skip:
            continue
        for minute in minutes.values:
            if hour * 3600 + (minute + 1) * 60 > skip:
                yield midnight + timedelta(hours=hour, minutes=minute)


@lru_cache(maxsize=4096)
def _changed(hours: Values, minutes: Values, day: date, where: tzinfo) -> tuple[datetime, ...]:
    """Minutes of a day on which the zone's offset changes; kept, as a schedule asks for that day again and again.

    A time that occurs twice counts twice where the expression goes on from it at once: to the next hour, or to another
    minute of the same stretch (as seen on real servers). A single time a day counts once.
    """
    found: set[datetime] = set()
    for hour in hours.values:
        named = [_real(datetime.combine(day, time(hour, minute), where)) for minute in minutes.values]
        again = hour + 1 in hours.values or sum(len(instants) == 2 for instants in named) > 1
        found.update(instant for instants in named for instant in (instants if again else instants[:1]))
    return tuple(sorted(found))


def _real(local: datetime) -> list[datetime]:
    """The instants that a wall-clock time names: none in a gap, two when it occurs twice."""
    instants = dict.fromkeys(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    zone, plain = local.tzinfo, local.replace(tzinfo=None)
    return [instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == plain]
