"""Time zones by the ids that Java takes: regions, offsets, `UTC`, `GMT+2`, `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flowctl.language.expressions.dates import zonenames
from flowctl.language.expressions.errors import ExpressionError

OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
REGION = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*")
MAX_OFFSET = timedelta(hours=18)


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo:
    """The zone of an id. Raises ExpressionError for an unknown one."""
    if name == "Z":
        return UTC
    found = OFFSET.fullmatch(name)
    if found is not None:
        return _fixed(name, found)
    if REGION.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise ExpressionError(f"Unknown time-zone ID: {name[:60]}", hint="write an id such as 'Europe/Paris' or '+02:00'")


def _fixed(name: str, found: re.Match[str]) -> tzinfo:
    sign, hours, minutes, seconds = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
    if offset > MAX_OFFSET:
        raise ExpressionError(f"Zone offset not in valid range: {name}")
    return timezone(-offset if sign == "-" else offset)


def zone_id(moment: datetime) -> str:
    """The id of a date-time's zone: the region, or the offset."""
    if isinstance(moment.tzinfo, ZoneInfo):
        return moment.tzinfo.key
    return offset_id(moment.utcoffset() or timedelta())


def offset_id(offset: timedelta) -> str:
    """`Z`, `+02:00`."""
    return offset_text(offset, ":", zero="Z")


def offset_text(
    offset: timedelta, colon: str, *, zero: str = "", hours_only: bool = False, seconds: bool = True
) -> str:
    """An offset as `+HH:mm[:ss]` with this separator; `zero` stands for none at all when it is given.

    `hours_only` leaves out minutes that are zero, `seconds` adds seconds that are not.
    """
    total = round(offset.total_seconds())
    if not total and zero:
        return zero
    sign = "-" if total < 0 else "+"
    hours, rest = divmod(abs(total), 3600)
    minutes, second = divmod(rest, 60)
    text = f"{sign}{hours:02d}"
    if minutes or not hours_only:
        text += f"{colon}{minutes:02d}"
    return text + (f"{colon}{second:02d}" if second and seconds else "")


def short_name(moment: datetime) -> str:
    """The short name in English: `UTC`, `CEST`; `GMT+04:00` for a region without one, the id of an offset."""
    name = moment.tzname() if isinstance(moment.tzinfo, ZoneInfo) else None
    if name is None:
        return zone_id(moment)
    if name[0].isalpha() and name != "-00":
        return name
    offset = moment.utcoffset()
    return "GMT" + (offset_text(offset, ":") if offset else "")


def long_name(moment: datetime) -> str:
    """The long name in English; the id where none is known."""
    where = zone_id(moment)
    return zonenames.long_name(short_name(moment), where, _is_summer(moment)) or where


def _is_summer(moment: datetime) -> bool:
    """Whether the clocks of the zone are ahead; what the zone itself calls summer time differs (Ireland)."""
    halves = [moment.replace(month=month, day=1).utcoffset() or timedelta() for month in (1, 7)]
    return (moment.utcoffset() or timedelta()) > min(halves)


def generic_name(moment: datetime, *, short: bool) -> str:
    """The name without the season: `CET`, `Central European Time`."""
    name = short_name(moment)
    return zonenames.GENERIC.get(name, name) if short else zonenames.without_season(long_name(moment))
