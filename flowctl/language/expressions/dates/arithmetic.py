"""Adding amounts of Java's units to a moment."""

from __future__ import annotations

import calendar
from datetime import UTC, timedelta

from flowctl.language.expressions.dates.moment import Moment, in_zone
from flowctl.language.expressions.errors import ExpressionError

NANOS = {
    "NANOS": 1,
    "MICROS": 1_000,
    "MILLIS": 1_000_000,
    "SECONDS": 1_000_000_000,
    "MINUTES": 60_000_000_000,
    "HOURS": 3_600_000_000_000,
    "HALF_DAYS": 43_200_000_000_000,
}
"""Units of exact length: added on the time line."""
DAYS = {"DAYS": 1, "WEEKS": 7}
MONTHS = {"MONTHS": 1, "YEARS": 12, "DECADES": 120, "CENTURIES": 1200, "MILLENNIA": 12000}
"""Units of the calendar: the time of day stays."""
LARGEST = 10**18


def add(moment: Moment, amount: int, unit: str) -> Moment:
    """The moment so many units later. Raises ExpressionError for an unknown unit or a year past 9999."""
    if unit not in NANOS and unit not in DAYS and unit not in MONTHS:
        known = ", ".join([*NANOS, *DAYS, *MONTHS])
        raise ExpressionError(f"Unknown unit '{unit}'", hint=f"one of {known}")
    try:
        if abs(amount) > LARGEST:
            raise OverflowError
        if unit in NANOS:
            return _exact(moment, amount * NANOS[unit])
        months = amount * MONTHS[unit] if unit in MONTHS else 0
        return _calendar(moment, months, amount * DAYS.get(unit, 0))
    except (OverflowError, ValueError):
        raise ExpressionError(f"{amount} {unit} lead outside of the years 1 to 9999") from None


def _exact(moment: Moment, nanos: int) -> Moment:
    micros, rest = divmod(moment.nanos + nanos, 1000)
    at = moment.at.astimezone(UTC) + timedelta(microseconds=micros)
    return Moment(at.astimezone(moment.at.tzinfo), rest)


def _calendar(moment: Moment, months: int, days: int) -> Moment:
    local = moment.at.replace(tzinfo=None)
    if months:
        year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
        last = calendar.monthrange(year, month + 1)[1] if 1 <= year <= 9999 else 0
        local = local.replace(year=year, month=month + 1, day=min(local.day, last))
    zone = moment.at.tzinfo
    assert zone is not None
    return Moment(in_zone(local + timedelta(days=days), zone), moment.nanos)
