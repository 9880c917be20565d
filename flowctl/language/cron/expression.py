"""A cron expression, and the instants at which it fires in a zone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from flowctl.language.cron.fields import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    CronError,
    Values,
    parse_field,
)
from flowctl.language.cron.minutes import minutes_of_day

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_YEARS = 60
"""How far a date is looked for; the rarest one (29 February, with a time that summer time removes) is nearer."""
_ZERO = Values((0,))
_NEAR = (timedelta(minutes=2), timedelta(hours=2))
"""Most schedules have fired not long ago: a short look back saves walking through a whole day's instants."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression.

    A time that the change to summer time removes is skipped. A time that occurs twice fires at its first occurrence
    only, unless the expression means an interval (the next hour is allowed as well, or more than one minute of the
    hour): then both hours count.
    """

    seconds: Values
    minutes: Values
    hours: Values
    days: Values
    months: Values
    weekdays: Values

    def fires_after(self, moment: datetime, where: tzinfo = UTC) -> Iterator[datetime]:
        """The instants after `moment` (aware), in UTC, ascending; it ends with the next decades."""
        local = moment.astimezone(where)
        for day in self._days_from(local.date() - timedelta(days=1)):
            for instant in self._instants(day, where, moment):
                if instant > moment:
                    yield instant

    def previous_before(self, moment: datetime, where: tzinfo = UTC) -> datetime | None:
        """The last instant before `moment` (aware), in UTC; None when there was none in the last decades."""
        local = moment.astimezone(where)
        for span in _NEAR:
            days = {(local - span).date(), local.date()}
            for day in sorted(filter(self.fires_on, days), reverse=True):
                near = self._last(day, where, moment - span, moment)
                if near is not None and near >= moment - span:
                    return near
        for day in self._days_back(local.date() + timedelta(days=1)):
            found = self._last(day, where, None, moment)
            if found is not None:
                return found
        return None

    def _last(self, day: date, where: tzinfo, after: datetime | None, moment: datetime) -> datetime | None:
        """A day's last instant before `moment`; with `after`, those before it may be left out."""
        found = None
        for instant in self._instants(day, where, after):
            if instant >= moment:
                break
            found = instant
        return found

    @property
    def every_day(self) -> bool:
        """Whether each day of the year matches."""
        return self.days.every and self.weekdays.every and len(self.months.values) == 12

    def fires_on(self, day: date) -> bool:
        """Whether a day matches: month, and day of month or of week (either, when both are restricted)."""
        if day.month not in self.months.values:
            return False
        if self.days.every and self.weekdays.every:
            return True
        back = monthrange(day.year, day.month)[1] - day.day
        by_day = day.day in self.days.values or back in self.days.from_end
        by_weekday = day.isoweekday() % 7 in self.weekdays.values
        if self.days.every or self.weekdays.every:
            return by_weekday if self.days.every else by_day
        return by_day or by_weekday

    def _days_from(self, start: date) -> Iterator[date]:
        year, month, day = start.year, start.month, start.day
        for _ in range(_YEARS * 12):
            if month in self.months.values and year <= 9998:
                for number in range(day, monthrange(year, month)[1] + 1):
                    if self.fires_on(date(year, month, number)):
                        yield date(year, month, number)
            day, month = 1, month + 1
            if month == 13:
                year, month = year + 1, 1

    def _days_back(self, start: date) -> Iterator[date]:
        year, month, day = start.year, start.month, start.day
        for _ in range(_YEARS * 12):
            if month in self.months.values:
                for number in range(min(day, monthrange(year, month)[1]), 0, -1):
                    if self.fires_on(date(year, month, number)):
                        yield date(year, month, number)
            day, month = 31, month - 1
            if month == 0:
                year, month = year - 1, 12
            if year < 2:
                return

    def _instants(self, day: date, where: tzinfo, after: datetime | None) -> Iterator[datetime]:
        """Instants of a day, ascending; with `after`, those clearly before it may be left out."""
        for minute in minutes_of_day(self.hours, self.minutes, day, where, after):
            for second in self.seconds.values:
                yield minute + timedelta(seconds=second)


@lru_cache(maxsize=16_384)
def parse_cron(text: str, *, with_seconds: bool = False) -> Cron:
    """An expression of five fields (six with seconds, first), or a nickname such as `@daily`.

    Raises:
        CronError: it is none; the message is a server's.
    """
    named = NICKNAMES.get(text.rstrip())
    parts = (text if named is None else "0 " * with_seconds + named).split()
    if not parts:
        raise CronError("Empty expression!")
    expected = 6 if with_seconds else 5
    if len(parts) != expected:
        raise CronError(f"Cron expression contains {len(parts)} parts but we expect one of [{expected}]")
    seconds = parse_field(parts.pop(0), SECOND) if with_seconds else _ZERO
    specs = (MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK)
    return Cron(seconds, *(parse_field(part, spec) for part, spec in zip(parts, specs, strict=True)))
