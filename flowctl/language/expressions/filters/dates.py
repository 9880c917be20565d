"""Filters over dates and times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import Filters, Given, optional_text, text
from flowctl.language.expressions.values import Instant, Long

if TYPE_CHECKING:
    from flowctl.language.expressions.dates.moment import Moment

DATE_FILTERS = Filters()


def moment_of(run: Run, value: object, given: Given) -> Moment:
    """The input in the zone of `timeZone`, or of the environment."""
    from flowctl.language.expressions.dates.moment import to_moment

    zone = optional_text(given, "timeZone") or run.environment.timezone
    return to_moment(value, zone, optional_text(given, "existingFormat"))


def formatted(run: Run, moment: Moment, given: Given) -> str:
    """The moment in `format` (iso) and `locale`."""
    from flowctl.language.expressions.dates.formats import format_moment

    locale = optional_text(given, "locale") or run.environment.locale
    name = optional_text(given, "format") or "iso"
    return format_moment(moment, name, locale, old_names=run.environment.dialect != "2.0")


@DATE_FILTERS.add("date", "format", "timeZone", "existingFormat", "locale")
def date(run: Run, value: object, given: Given) -> object:
    """The date as text."""
    return None if value is None else formatted(run, moment_of(run, value, given), given)


@DATE_FILTERS.add("dateAdd", "amount", "unit", "format", "timeZone", "existingFormat", "locale")
def date_add(run: Run, value: object, given: Given) -> object:
    """The date moved by an amount of a unit, as text."""
    from flowctl.language.expressions.dates.arithmetic import add

    if value is None:
        return None
    amount = _amount(given.get("amount"))
    moment = moment_of(run, value, given)
    return formatted(run, add(moment, amount, text(given, "unit")), given)


def _amount(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ExpressionError("The argument 'amount' must be a number")
    try:
        return int(value)
    except (ValueError, OverflowError):
        raise ExpressionError(f"The argument 'amount' must be a number, not '{str(value)[:40]}'") from None


def _timestamp(convert: Callable[[Instant], object]) -> Callable[[Run, object, Given], object]:
    def stamp(run: Run, value: object, given: Given) -> object:
        return None if value is None else convert(moment_of(run, value, given).instant())

    return stamp


_ARGUMENTS = ("timeZone", "existingFormat")
DATE_FILTERS.add("timestamp", *_ARGUMENTS)(_timestamp(lambda i: Long(i.seconds)))
DATE_FILTERS.add("timestampMilli", *_ARGUMENTS)(_timestamp(lambda i: Long(i.seconds * 1000 + i.nanos // 1_000_000)))
DATE_FILTERS.add("timestampMicro", *_ARGUMENTS)(_timestamp(lambda i: str(i.seconds * 1_000_000 + i.nanos // 1000)))
DATE_FILTERS.add("timestampNano", *_ARGUMENTS)(_timestamp(lambda i: str(i.seconds * 1_000_000_000 + i.nanos)))
