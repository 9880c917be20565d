"""Which date of a schedule fires now, and which comes next: pure, time is an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowctl.language.durations import read_duration
from flowctl.language.schedules import next_fires, trigger_cron, trigger_zone

MOST_LOOKS = 500
"""Dates that are looked at for the neighbours of one that fires; each costs the rendering of a condition."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`fire` is the date to start an execution for, None when skipped; `next` the date after it, None at the end."""

    fire: datetime | None
    next: datetime | None


def occurrence(trigger: Mapping[str, object], date: datetime, now: datetime, awake_since: datetime) -> Occurrence:
    """What becomes of a date that has come.

    Dates before `awake_since` were missed while the server was down: `recoverMissedSchedules` ALL (the default) fires
    each of them, LAST the newest, NONE none. A date older than `lateMaximumDelay` is skipped.

    Raises:
        ValueError: a cron, zone or duration that is none.
    """
    if date < awake_since:
        recover = trigger.get("recoverMissedSchedules", "ALL")
        if recover == "NONE":
            return Occurrence(None, following(trigger, now))
        if recover == "LAST":
            date = newest(trigger, date, now)
    latest = _latest_start(trigger, now)
    if latest is not None and date < latest:
        return Occurrence(None, following(trigger, latest - timedelta(microseconds=1)))
    return Occurrence(date, following(trigger, date))


def following(trigger: Mapping[str, object], moment: datetime) -> datetime | None:
    """The first date after a moment."""
    return next(iter(next_fires(trigger, moment)), None)


def newest(trigger: Mapping[str, object], date: datetime, now: datetime) -> datetime:
    """The last date that is not after `now`; `date` itself is one."""
    cron = trigger_cron(trigger)
    if cron is not None:
        found = cron.previous_before(now + timedelta(microseconds=1), trigger_zone(trigger))
        return max(found, date) if found else date
    while (after := following(trigger, date)) is not None and after <= now:
        date = after
    return date


def _latest_start(trigger: Mapping[str, object], now: datetime) -> datetime | None:
    text = trigger.get("lateMaximumDelay")
    return now - read_duration(str(text)) if text is not None else None


def preceding(trigger: Mapping[str, object], moment: datetime) -> datetime | None:
    """The last date before a moment; None for listed dates."""
    cron = trigger_cron(trigger)
    return cron.previous_before(moment, trigger_zone(trigger)) if cron is not None else None


def neighbours(
    trigger: Mapping[str, object], date: datetime, counts: Callable[[datetime], bool]
) -> dict[str, datetime]:
    """`next` and `previous` among the dates that count, as far as there are such within `MOST_LOOKS` dates."""
    found: dict[str, datetime] = {}
    for name, step in (("next", following), ("previous", preceding)):
        other = step(trigger, date)
        for _ in range(MOST_LOOKS):
            if other is None or counts(other):
                break
            other = step(trigger, other)
        else:
            other = None
        if other is not None:
            found[name] = other
    return found


def schedule_variables(trigger: Mapping[str, object], date: datetime) -> dict[str, object]:
    """`trigger.date`, `.next` and `.previous` in the trigger's zone."""
    return printed(trigger, {"date": date, "next": following(trigger, date), "previous": preceding(trigger, date)})


def printed(trigger: Mapping[str, object], moments: Mapping[str, datetime | None]) -> dict[str, object]:
    """Moments in the trigger's zone; those that are not there are left out."""
    where = trigger_zone(trigger)
    return {name: moment.astimezone(where).isoformat() for name, moment in moments.items() if moment is not None}
