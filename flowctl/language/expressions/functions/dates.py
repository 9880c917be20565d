"""Functions over dates and times."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.filters.dates import formatted, moment_of
from flowctl.language.expressions.java.methods import WEEKDAYS
from flowctl.language.expressions.java.printing import java_text
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import AFTER_1, LENIENT, Functions, Given, optional_text
from flowctl.language.expressions.values import Instant

DATE_FUNCTIONS = Functions()
POSITIONS = ("FIRST", "SECOND", "THIRD", "FOURTH", "LAST")


@DATE_FUNCTIONS.add("now", "format", "timeZone", "existingFormat", "locale")
def now(run: Run, given: Given) -> object:
    """The present as text."""
    if run.environment.clock is None:
        raise ExpressionError("The 'now' function is not available here")
    moment = moment_of(run, Instant.of(run.environment.clock()), {**given, "existingFormat": None})
    return formatted(run, moment, given)


def _when(given: Given, name: str, function: str) -> datetime:
    """The date-time of an argument, in its own offset; midnight of a date."""
    from flowctl.language.expressions.dates.moment import parse_iso

    value = given.get(name)
    if value is None:
        raise ExpressionError(f"The '{function}()' function expects a '{name}' argument.")
    if isinstance(value, Instant):
        return value.datetime()
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        local, _, zone = parse_iso(java_text(value, 100))
    except ExpressionError as error:
        raise ExpressionError(f"The '{function}()' function could not parse '{name}': {error.message}") from None
    return local.replace(tzinfo=zone)


def _of_date(name: str, read: Callable[[datetime], object]) -> None:
    def function(run: Run, given: Given) -> object:
        return read(_when(given, "date", name))

    DATE_FUNCTIONS.add(name, "date", dialects=AFTER_1)(function)


_of_date("isWeekend", lambda at: at.weekday() >= 5)
_of_date("dayOfWeek", lambda at: WEEKDAYS[at.weekday()])
_of_date("dayOfMonth", lambda at: at.day)
_of_date("monthOfYear", lambda at: at.month)


@DATE_FUNCTIONS.add("hourOfDay", "date", dialects=AFTER_1)
def hour_of_day(run: Run, given: Given) -> object:
    """The hour of a date-time, in its own offset."""
    value = given.get("date")
    if isinstance(value, str) and "T" not in value:
        raise ExpressionError(
            f"The 'hourOfDay()' function could not parse 'date': Text '{value[:40]}' has no time",
            hint="give a date with a time, such as 2024-05-01T10:00:00Z",
        )
    return _when(given, "date", "hourOfDay").hour


@DATE_FUNCTIONS.add("isDayWeekInMonth", "date", "dayOfWeek", "position", dialects=AFTER_1)
def is_day_week_in_month(run: Run, given: Given) -> object:
    """Whether the date is the first, second … or last such day of its month."""
    at = _when(given, "date", "isDayWeekInMonth")
    day = _word(given, "dayOfWeek", WEEKDAYS, "isDayWeekInMonth")
    position = _word(given, "position", POSITIONS, "isDayWeekInMonth")
    if WEEKDAYS[at.weekday()] != day:
        return False
    if position == "LAST":
        return at.day + 7 > calendar.monthrange(at.year, at.month)[1]
    return (at.day - 1) // 7 == POSITIONS.index(position)


def _word(given: Given, name: str, known: tuple[str, ...], function: str) -> str:
    value = java_text(given.get(name), 100).upper()
    if value not in known:
        raise ExpressionError(
            f"The '{function}()' function received an invalid '{name}' value: '{value}'. "
            f"Expected one of: {', '.join(known)}."
        )
    return value


@DATE_FUNCTIONS.add("isLastWorkingDay", "date", "workingDays", dialects=AFTER_1)
def is_last_working_day(run: Run, given: Given) -> object:
    """Whether no later working day is in the month; days are Monday to Friday, or a text such as `MONDAY,TUESDAY`."""
    at = _when(given, "date", "isLastWorkingDay")
    days = _working_days(given.get("workingDays"))
    last = calendar.monthrange(at.year, at.month)[1]
    rest = (at + timedelta(days=n) for n in range(1, last - at.day + 1))
    return WEEKDAYS[at.weekday()] in days and not any(WEEKDAYS[d.weekday()] in days for d in rest)


def _working_days(value: object) -> set[str]:
    words = "" if value is None else java_text(value, 1000)
    if not words.strip():
        return set(WEEKDAYS[:5])
    parts = [part for part in re.split(r"[,\s]+", words) if part]
    if not parts:
        raise ExpressionError("The 'isLastWorkingDay()' function requires at least one valid day in 'workingDays'.")
    return {_word({"workingDays": part}, "workingDays", WEEKDAYS, "isLastWorkingDay") for part in parts}


@DATE_FUNCTIONS.add("isPublicHoliday", "date", "countryCode", "subDivision")
def is_public_holiday(run: Run, given: Given) -> object:
    """Whether the date is a public holiday of the country; needs the extra `holidays`."""
    at = _when(given, "date", "isPublicHoliday")
    country = optional_text(given, "countryCode")
    if country is None:
        raise ExpressionError("The 'isPublicHoliday()' function expects a 'countryCode' argument.")
    division = optional_text(given, "subDivision")
    return at.date() in _holidays(country.upper(), division.upper() if division else None, at.year)


def _holidays(country: str, division: str | None, year: int) -> Mapping[Any, Any]:
    try:
        import holidays  # type: ignore[import-not-found, unused-ignore]  # an extra
    except ImportError:
        raise ExpressionError(
            "The 'isPublicHoliday()' function needs the calendar of holidays, which is not installed",
            hint="install flowctl with the extra `holidays`",
        ) from None
    try:
        found: Mapping[Any, Any] = holidays.country_holidays(country, subdiv=division, years=year)
    except NotImplementedError:
        raise ExpressionError(f"No holidays are known for the country '{country}' {division or ''}".strip()) from None
    return found


def _instant_order(given: Given, function: str, *names: str) -> list[float]:
    from datetime import UTC

    moments = [_when(given, name, function) for name in names]
    return [(m if m.tzinfo else m.replace(tzinfo=UTC)).timestamp() for m in moments]


@DATE_FUNCTIONS.add("isDateBefore", "date", "before", dialects=LENIENT)
def is_date_before(run: Run, given: Given) -> object:
    """Whether the date is before the other."""
    at, other = _instant_order(given, "isDateBefore", "date", "before")
    return at < other


@DATE_FUNCTIONS.add("isDateAfter", "date", "after", dialects=LENIENT)
def is_date_after(run: Run, given: Given) -> object:
    """Whether the date is after the other."""
    at, other = _instant_order(given, "isDateAfter", "date", "after")
    return at > other


@DATE_FUNCTIONS.add("isDateBetween", "date", "after", "before", dialects=LENIENT)
def is_date_between(run: Run, given: Given) -> object:
    """Whether the date is after one date and before another."""
    at, after, before = _instant_order(given, "isDateBetween", "date", "after", "before")
    return after < at < before
