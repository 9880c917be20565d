"""Time zones by the ids that Java takes: regions, offsets, `UTC`, `GMT+2`, `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flowctl.language.expressions.errors import ExpressionError

OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
REGION = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*")
MAX_OFFSET = timedelta(hours=18)
LONG_NAMES = {
    "UTC": "Coordinated Universal Time",
    "GMT": "Greenwich Mean Time",
    "BST": "British Summer Time",
    "WET": "Western European Standard Time",
    "WEST": "Western European Summer Time",
    "CET": "Central European Standard Time",
    "CEST": "Central European Summer Time",
    "EET": "Eastern European Standard Time",
    "EEST": "Eastern European Summer Time",
    "MSK": "Moscow Standard Time",
    "IST": "India Standard Time",
    "JST": "Japan Standard Time",
    "KST": "Korean Standard Time",
    "AEST": "Australian Eastern Standard Time",
    "AEDT": "Australian Eastern Daylight Time",
    "EST": "Eastern Standard Time",
    "EDT": "Eastern Daylight Time",
    "CST": "Central Standard Time",
    "CDT": "Central Daylight Time",
    "MST": "Mountain Standard Time",
    "MDT": "Mountain Daylight Time",
    "PST": "Pacific Standard Time",
    "PDT": "Pacific Daylight Time",
}


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
    """The short name in English: `UTC`, `CEST`; the id where there is none."""
    name = moment.tzname() if isinstance(moment.tzinfo, ZoneInfo) else None
    return name if name and name[0].isalpha() else zone_id(moment)


def long_name(moment: datetime) -> str:
    """The long name in English; the id where none is known."""
    return LONG_NAMES.get(short_name(moment), zone_id(moment))
