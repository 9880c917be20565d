"""When a schedule trigger fires next: for plans, for the list of triggers, and for the scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from itertools import islice

from flowctl.language.cron import Cron, parse_cron, zone
from flowctl.language.flags import is_on


def next_fires(
    trigger: Mapping[str, object], after: datetime, count: int = 1, default_zone: tzinfo = UTC
) -> tuple[datetime, ...]:
    """The next `count` instants (UTC, ascending) after an aware moment; fewer when there are no more.

    `trigger` is a Schedule or ScheduleOnDates as plain data; any other type never fires by the clock. Its `when` and
    conditions are not looked at.

    Raises:
        ValueError: a `cron`, `timezone` or date that is none (`CronError` is one).
    """
    kind = str(trigger.get("type", ""))
    where = trigger_zone(trigger, default_zone)
    if kind.endswith(".ScheduleOnDates"):
        return _dates(trigger.get("dates"), where, after, count)
    cron = trigger_cron(trigger)
    if cron is None:
        return ()
    return tuple(islice(cron.fires_after(after, where), count))


def trigger_cron(trigger: Mapping[str, object]) -> Cron | None:
    """The cron expression of a Schedule; None for any other trigger.

    Raises:
        CronError: its text is none.
    """
    kind, text = str(trigger.get("type", "")), trigger.get("cron")
    if not kind.endswith(".Schedule") or not isinstance(text, str):
        return None
    return parse_cron(text, with_seconds=is_on(trigger.get("withSeconds")))


def trigger_zone(trigger: Mapping[str, object], default: tzinfo = UTC) -> tzinfo:
    """The zone of a schedule's wall-clock times.

    Raises:
        ValueError: its `timezone` is none.
    """
    name = trigger.get("timezone")
    return zone(name) if isinstance(name, str) else default


def _dates(dates: object, where: tzinfo, after: datetime, count: int) -> tuple[datetime, ...]:
    moments = []
    for text in dates if isinstance(dates, list) else ():
        moment = datetime.fromisoformat(str(text))
        moments.append((moment if moment.tzinfo else moment.replace(tzinfo=where)).astimezone(UTC))
    return tuple(sorted(moment for moment in set(moments) if moment > after)[:count])
