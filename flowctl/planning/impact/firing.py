"""What a plan does to schedules: next fires before and after, runs a day, fires lost or doubled around the apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import islice, takewhile

from flowctl.language.cron import Cron
from flowctl.language.schedules import next_fires, trigger_cron, trigger_zone
from flowctl.model.impact import ScheduleImpact
from flowctl.planning.impact.clockchanges import clock_changes

SHOWN = 10
"""Next fires of either side."""
_DAY = timedelta(days=1)
_DAYS = 364
"""Whole weeks, over which runs a day are a mean."""
_MOST = 100
"""Fires of a day that are compared one by one; more are no series that anybody reads."""

_FEW = 24
"""Runs a day up to which each of them counts."""

Value = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Timing:
    """When one schedule fires. `trigger` is a Schedule or ScheduleOnDates as plain data, `where` its zone."""

    trigger: Value
    where: tzinfo
    cron: Cron | None

    @classmethod
    def of(cls, trigger: Value | None) -> Timing | None:
        """The timing of a trigger; None when there is none, or its text is no schedule (the checks of files say so)."""
        if trigger is None:
            return None
        try:
            timing = cls(trigger, trigger_zone(trigger), trigger_cron(trigger))
            next_fires(trigger, datetime(2000, 1, 1, tzinfo=UTC))
        except (ValueError, OverflowError):
            return None
        return timing

    @property
    def text(self) -> str:
        """The expression and its zone, or how many dates there are."""
        dates = self.trigger.get("dates")
        zone = self.trigger.get("timezone")
        shown = f"{len(dates)} dates" if isinstance(dates, list) else str(self.trigger.get("cron"))
        return f"{shown} ({zone})" if isinstance(zone, str) else f"{shown} (UTC)"

    def fires(self, after: datetime, count: int) -> tuple[datetime, ...]:
        """The next fires after a moment."""
        return next_fires(self.trigger, after, count)

    def within(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """Fires after `start` and before `end`; past `_MOST` they are left out."""
        if self.cron is None:
            return tuple(fire for fire in self.fires(start, _MOST) if fire < end)
        return tuple(takewhile(lambda fire: fire < end, islice(self.cron.fires_after(start, self.where), _MOST)))

    def daily(self, now: datetime) -> float:
        """Runs a day, the mean of a year; changes of the clock are left out of account."""
        if self.cron is None:
            return len(self.within(now, now + timedelta(days=_DAYS))) / _DAYS
        first = now.astimezone(self.where).date()
        days = _DAYS
        if not self.cron.every_day:
            days = sum(self.cron.fires_on(first + timedelta(days=number)) for number in range(_DAYS))
        per_day = len(self.cron.seconds.values) * len(self.cron.minutes.values) * len(self.cron.hours.values)
        return days * per_day / _DAYS


def schedule_impact(name: str, before: Value | None, after: Value | None, effect: str, now: datetime) -> ScheduleImpact:
    """What becomes of one schedule at `now`. A side is None where nothing fires (gone, new, disabled)."""
    old, new = Timing.of(before), Timing.of(after)
    gone, come = _differences(old, new, now)
    return ScheduleImpact(
        name,
        effect,
        old.text if old else "",
        new.text if new else "",
        _local(old.fires(now, SHOWN), old) if old else (),
        _local(new.fires(now, SHOWN), new) if new else (),
        old.daily(now) if old else 0.0,
        new.daily(now) if new else 0.0,
        _local(gone, old) if old else (),
        _local(come, new) if new else (),
        _today(old, new, now) if old and new else "",
        clock_changes(new.where, new.cron, now) if new and new.cron else (),
    )


def _local(fires: tuple[datetime, ...], timing: Timing) -> tuple[datetime, ...]:
    """The same moments by the clock of a schedule's zone, each with its offset: a zone alone would not tell the two
    readings of an hour apart that comes twice."""
    there = (fire.astimezone(timing.where) for fire in fires)
    return tuple(fire.astimezone(_offset(fire)) for fire in there)


def _offset(fire: datetime) -> timezone:
    return timezone(fire.utcoffset() or timedelta())


def _differences(
    old: Timing | None, new: Timing | None, now: datetime
) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """Fires of the coming day that only one side has. Of a schedule that comes or goes all of them are."""
    was = old.within(now, now + _DAY) if old else ()
    will = new.within(now, now + _DAY) if new else ()
    return tuple(sorted(set(was) - set(will))), tuple(sorted(set(will) - set(was)))


def _today(old: Timing, new: Timing, now: datetime) -> str:
    """Whether the local day of the apply gets fewer runs than both schedules give it, or more; of schedules that
    fire all the time one run more or less is nothing to speak of."""
    if max(old.daily(now), new.daily(now)) > _FEW:
        return ""
    start, end = _midnight(now.astimezone(new.where).date(), new.where)
    done, left = len(old.within(start, now)), len(new.within(now, end))
    gives = len(old.within(start, end)), len(new.within(start, end))
    return "lost" if done + left < min(gives) else "doubled" if done + left > max(gives) else ""


def _midnight(day: date, where: tzinfo) -> tuple[datetime, datetime]:
    """A moment before a local day's first fire, and the day's end, in UTC."""
    start = datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC)
    following = day + _DAY
    end = datetime(following.year, following.month, following.day, tzinfo=where).astimezone(UTC)
    return start - timedelta(microseconds=1), end
