"""Named formats, styles and patterns → text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from flowctl.language.expressions.dates import zones
from flowctl.language.expressions.dates.moment import Moment
from flowctl.language.expressions.dates.names import ENGLISH, names
from flowctl.language.expressions.dates.printing import format_pattern
from flowctl.language.expressions.values import fraction

PATTERNS = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "iso_milli": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_sec": "yyyy-MM-dd HH:mm:ss",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
}
OLD_PATTERNS = {"sql_seq": "yyyy-MM-dd HH:mm:ss"}
"""Names that only versions before 2.0 know."""
STYLES = frozenset({"full", "long", "medium", "short"})


def _local_date(moment: Moment) -> str:
    return format_pattern(moment, "yyyy-MM-dd", "en")


def _local_time(moment: Moment) -> str:
    """Seconds always, the fraction with as many digits as it has."""
    digits = f"{moment.nano_of_second:09d}".rstrip("0")
    return moment.at.strftime("%H:%M:%S") + (f".{digits}" if digits else "")


def _offset(moment: Moment) -> str:
    return format_pattern(moment, "XXX", "en")


def _region(moment: Moment) -> str:
    name = zones.zone_id(moment.at)
    return f"[{name}]" if name[0].isalpha() and name != "Z" else ""


def _instant(moment: Moment) -> str:
    at = moment.at.astimezone(UTC)
    return format_pattern(Moment(at), "yyyy-MM-dd'T'HH:mm:ss", "en") + fraction(moment.nano_of_second) + "Z"


def _week_date(moment: Moment) -> str:
    iso = moment.at.isocalendar()
    return f"{iso.year:04d}-W{iso.week:02d}-{iso.weekday}{_offset(moment)}"


def _rfc_1123(moment: Moment) -> str:
    at = moment.at
    day, month = ENGLISH.short_days[at.weekday()], ENGLISH.short_months[at.month - 1]
    offset = format_pattern(moment, "XX", "en").replace("Z", "GMT")
    return f"{day}, {at.day} {month} {at.year:04d} {at:%H:%M:%S} {offset}"


FORMATS: dict[str, Callable[[Moment], str]] = {
    "iso_date_time": lambda m: f"{_local_date(m)}T{_local_time(m)}{_offset(m)}{_region(m)}",
    "iso_zoned_date_time": lambda m: f"{_local_date(m)}T{_local_time(m)}{_offset(m)}{_region(m)}",
    "iso_date": lambda m: _local_date(m) + _offset(m),
    "iso_time": lambda m: _local_time(m) + _offset(m),
    "iso_offset_time": lambda m: _local_time(m) + _offset(m),
    "iso_local_date": _local_date,
    "iso_local_time": _local_time,
    "iso_local_date_time": lambda m: f"{_local_date(m)}T{_local_time(m)}",
    "iso_instant": _instant,
    "iso_ordinal_date": lambda m: format_pattern(m, "yyyy-DDDXXX", "en"),
    "iso_week_date": _week_date,
    "rfc_1123_date_time": _rfc_1123,
}


def format_moment(moment: Moment, name: str, locale: str, *, old_names: bool = True) -> str:
    """The moment in a named format, a style or a pattern. Raises ExpressionError for a pattern that is none."""
    if name in FORMATS:
        return FORMATS[name](moment)
    if name in STYLES:
        return format_pattern(moment, names(locale).styles[name], locale)
    pattern = PATTERNS.get(name) or (OLD_PATTERNS.get(name) if old_names else None) or name
    return format_pattern(moment, pattern, locale)
