"""A point in time seen in a zone, and how every kind of input becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from flowctl.language.expressions.dates.parsing import parse_pattern
from flowctl.language.expressions.dates.zones import zone
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.values import Instant, class_name

ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:T(?P<time>\d{2}:\d{2}(?::\d{2}(?:\.(?P<fraction>\d{0,9}))?)?)"
    r"(?:(?P<offset>Z|[+-]\d{2}(?::\d{2}(?::\d{2})?)?)(?:\[(?P<region>[^\]]+)\])?)?)?",
    re.ASCII | re.IGNORECASE,
)
SECONDS_MAX = 253_402_300_799
"""The last second of the year 9999; a larger whole number counts milliseconds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware date-time with the nanoseconds below its microseconds."""

    at: datetime
    nanos: int = 0

    @property
    def nano_of_second(self) -> int:
        """0 to 999,999,999."""
        return self.at.microsecond * 1000 + self.nanos

    def instant(self) -> Instant:
        """The same without the zone."""
        whole = Instant.of(self.at)
        return Instant(whole.seconds, whole.nanos + self.nanos)


def in_zone(local: datetime, where: tzinfo) -> datetime:
    """A local date-time in a zone: of one that occurs twice the first, one that does not occur is moved forward."""
    return local.replace(tzinfo=where).astimezone(UTC).astimezone(where)


def to_moment(value: object, zone_name: str, existing: str | None) -> Moment:
    """The moment that a date, text or number stands for, in this zone.

    Raises ExpressionError for a value that is none.
    """
    where = zone(zone_name)
    if isinstance(value, str):
        return _text(value, where, existing)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(value, where)
    if isinstance(value, Instant):
        return Moment(value.datetime().astimezone(where), value.nanos % 1000)
    if isinstance(value, datetime):
        return Moment(in_zone(value, where) if value.tzinfo is None else value.astimezone(where))
    if isinstance(value, date):
        return Moment(in_zone(datetime.combine(value, time(12)), where))
    raise ExpressionError(f"A date is needed. Actual type was: {class_name(value)}")


def _number(value: int, where: tzinfo) -> Moment:
    seconds, nanos = (value, 0) if abs(value) <= SECONDS_MAX else (value // 1000, value % 1000 * 1_000_000)
    try:
        return Moment(Instant(seconds, nanos).datetime().astimezone(where))
    except OverflowError:
        raise ExpressionError(f"{value} seconds are outside of the years 1 to 9999") from None


def _text(value: str, where: tzinfo, existing: str | None) -> Moment:
    found = parse_pattern(value, existing) if existing is not None else parse_iso(value)
    local, nanos, source = found
    try:
        placed = in_zone(local, where) if source is None else local.replace(tzinfo=source).astimezone(where)
    except OverflowError:
        raise ExpressionError(f"Text '{value}' is outside of the years 1 to 9999") from None
    return Moment(placed, nanos)


def parse_iso(value: str) -> tuple[datetime, int, tzinfo | None]:
    """Local date-time, nanoseconds below its microseconds, and zone of an ISO text (date, date-time, zoned).

    Raises ExpressionError, which says from where on the text could not be read.
    """
    found = ISO.fullmatch(value)
    if found is None:
        raise ExpressionError(
            f"Text '{value[:60]}' could not be parsed at index {_bad_index(value)}",
            hint="a date looks like 2024-05-01 or 2024-05-01T10:00:00Z; name another format with existingFormat",
        )
    digits = (found["fraction"] or "").ljust(9, "0")
    try:
        local = datetime.fromisoformat(found["date"] + "T" + (found["time"] or "00:00").partition(".")[0])
    except ValueError as error:
        raise ExpressionError(f"Text '{value}' could not be parsed: {error}") from None
    if found["region"]:
        zone(found["region"])  # has to exist; the point in time is that of the offset
    source = zone(found["offset"].upper()) if found["offset"] else None
    return local + timedelta(microseconds=int(digits[:6])), int(digits[6:]), source


def _bad_index(value: str) -> int:
    shape = "dddd-dd-ddTdd:dd"
    for index, wanted in enumerate(shape):
        char = value[index : index + 1]
        if not (char.isdigit() if wanted == "d" else char == wanted):
            return index
    return len(shape)
