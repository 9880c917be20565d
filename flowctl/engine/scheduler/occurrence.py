"""Which date of a schedule fires now, and which comes next: pure, time is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowctl.language.durations import read_duration
from flowctl.language.schedules import next_fires, trigger_cron, trigger_zone


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`fire` is the date to start an execution for, None when skipped; `next` the date after it, None at the end."""

    fire: datetime | None
    next: datetime | None


def occurrence(trigger: Mapping[str, object], date: datetime, now: datetime, awake_since: datetime) -> Occurrence:
    """What becomes of a date that has come (flow-language sheet, section 6.2).

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


def schedule_variables(trigger: Mapping[str, object], date: datetime) -> dict[str, object]:
    """`trigger.date`, `.next` and `.previous` in the trigger's zone."""
    where = trigger_zone(trigger)
    cron = trigger_cron(trigger)
    found = {"date": date, "next": following(trigger, date)}
    if cron is not None:
        found["previous"] = cron.previous_before(date, where)
    return {name: moment.astimezone(where).isoformat() for name, moment in found.items() if moment is not None}
