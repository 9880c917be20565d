"""Moments → text by pattern."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flowctl.language.expressions.dates import zones
from flowctl.language.expressions.dates.names import Names, names
from flowctl.language.expressions.dates.patterns import Constant, Field, Optional, PatternToken, parse

if TYPE_CHECKING:
    from flowctl.language.expressions.dates.moment import Moment

MODIFIED_JULIAN = date(1858, 11, 17).toordinal()
"""The day that `g` counts from."""
Writer = Callable[["Moment", Field, Names], str]


def format_pattern(moment: Moment, pattern: str, locale: str) -> str:
    """The moment in a Java pattern. Raises ExpressionError for a pattern that is none."""
    return _tokens(moment, parse(pattern), names(locale))


def _tokens(moment: Moment, tokens: tuple[PatternToken, ...], words: Names) -> str:
    parts = []
    for token in tokens:
        if isinstance(token, Constant):
            parts.append(token.text)
        elif isinstance(token, Optional):
            parts.append(_tokens(moment, token.tokens, words))
        else:
            parts.append(WRITERS[token.letter](moment, token, words).rjust(token.pad))
    return "".join(parts)


def _number(read: Callable[[Moment], int]) -> Writer:
    return lambda moment, field, words: str(read(moment)).rjust(field.count, "0")


def _year(value: int, count: int) -> str:
    if count == 2:
        return f"{value % 100:02d}"
    return f"+{value}" if value > 9999 and count >= 4 else str(value).rjust(count, "0")


def _month(moment: Moment, field: Field, words: Names) -> str:
    month = moment.at.month
    if field.count <= 2:
        return str(month).rjust(field.count, "0")
    if field.count == 3:
        found = words.short_months[month - 1]
        return found[: words.alone] if field.letter == "L" and words.alone else found
    return words.months[month - 1] if field.count == 4 else words.months[month - 1][0].upper()


def _quarter(moment: Moment, field: Field, words: Names) -> str:
    quarter = (moment.at.month - 1) // 3 + 1
    if field.count <= 2:
        return str(quarter).rjust(field.count, "0")
    if field.count == 5:
        return str(quarter)
    short, *long = words.quarters
    return f"{short}{quarter}" if field.count == 3 else long[min(quarter, len(long)) - 1].replace("#", str(quarter))


def _day_name(moment: Moment, field: Field, words: Names) -> str:
    index = moment.at.weekday()
    if field.count <= 3:
        return words.short_days[index]
    return words.days[index] if field.count == 4 else words.days[index][0].upper()


def _day_number(moment: Moment, field: Field, words: Names) -> str:
    """`e` and `c`: the number of the day in the locale's week, or its name from three letters on."""
    if field.count > 2:
        return _day_name(moment, field, words)
    index = moment.at.weekday()
    return str((index + 1) % 7 + 1 if words.sunday_first else index + 1).rjust(field.count, "0")


def _week(day: date, words: Names) -> tuple[int, int]:
    """Year and week of the locale: from Sunday with at least one day in English, as ISO elsewhere."""
    if not words.sunday_first:
        iso = day.isocalendar()
        return iso.year, iso.week
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    year = (sunday + timedelta(days=6)).year
    first = date(year, 1, 1)
    start = first - timedelta(days=(first.weekday() + 1) % 7)
    return year, (sunday - start).days // 7 + 1


def _week_of_month(moment: Moment, words: Names) -> int:
    first = moment.at.date().replace(day=1)
    if words.sunday_first:
        return ((first.weekday() + 1) % 7 + moment.at.day - 1) // 7 + 1
    offset = first.weekday()
    return (offset + moment.at.day - 1) // 7 + (1 if offset <= 3 else 0)


def _era(moment: Moment, field: Field, words: Names) -> str:
    return words.eras[0 if field.count <= 3 else field.count - 3]


def _half(moment: Moment, field: Field, words: Names) -> str:
    return words.halves[moment.at.hour >= 12]


def _day_period(moment: Moment, field: Field, words: Names) -> str:
    hour, rest = moment.at.hour, (moment.at.minute, moment.at.second, moment.nano_of_second)
    if hour % 12 == 0 and rest == (0, 0, 0):
        return ("midnight", "noon", "mi", "n")[(hour == 12) + 2 * (field.count == 5)]
    if hour < 12:
        return "in the morning"
    if 12 <= hour < 18:
        return "in the afternoon"
    return "in the evening" if 18 <= hour < 21 else "at night"


def _fraction(moment: Moment, field: Field, words: Names) -> str:
    return f"{moment.nano_of_second:09d}"[: field.count]


def _of_day(moment: Moment) -> int:
    at = moment.at
    return (at.hour * 3600 + at.minute * 60 + at.second) * 1_000_000_000 + moment.nano_of_second


def _offset(moment: Moment) -> timedelta:
    return moment.at.utcoffset() or timedelta()


def _offset_x(moment: Moment, field: Field, words: Names) -> str:
    """`X` writes Z for none, `x` does not."""
    zero = "Z" if field.letter == "X" else ""
    colon = ":" if field.count in (3, 5) else ""
    return zones.offset_text(_offset(moment), colon, zero=zero, hours_only=field.count == 1, seconds=field.count > 3)


def _offset_z(moment: Moment, field: Field, words: Names) -> str:
    if field.count == 4:
        return _localized_offset(moment, field, words)
    if field.count == 5:
        return zones.offset_text(_offset(moment), ":", zero="Z")
    return zones.offset_text(_offset(moment), "", seconds=False)


def _localized_offset(moment: Moment, field: Field, words: Names) -> str:
    offset = _offset(moment)
    if not offset:
        return "GMT"
    if field.count == 4:
        return "GMT" + zones.offset_text(offset, ":")
    text = zones.offset_text(offset, ":", hours_only=True)
    return "GMT" + text[0] + text[1:].removeprefix("0")


def _generic_zone(moment: Moment, field: Field, words: Names) -> str:
    return zones.generic_name(moment.at, short=field.count < 4)


def _zone_name(moment: Moment, field: Field, words: Names) -> str:
    return zones.short_name(moment.at) if field.count < 4 else zones.long_name(moment.at)


WRITERS: dict[str, Writer] = {
    "G": _era,
    "u": lambda m, f, w: _year(m.at.year, f.count),
    "y": lambda m, f, w: _year(m.at.year, f.count),
    "Y": lambda m, f, w: _year(_week(m.at.date(), w)[0], f.count),
    "D": _number(lambda m: m.at.timetuple().tm_yday),
    "M": _month,
    "L": _month,
    "d": _number(lambda m: m.at.day),
    "Q": _quarter,
    "q": _quarter,
    "w": lambda m, f, w: str(_week(m.at.date(), w)[1]).rjust(f.count, "0"),
    "W": lambda m, f, w: str(_week_of_month(m, w)),
    "E": _day_name,
    "e": _day_number,
    "c": _day_number,
    "F": _number(lambda m: (m.at.day - 1) // 7 + 1),
    "g": _number(lambda m: m.at.toordinal() - MODIFIED_JULIAN),
    "a": _half,
    "B": _day_period,
    "h": _number(lambda m: (m.at.hour + 11) % 12 + 1),
    "K": _number(lambda m: m.at.hour % 12),
    "k": _number(lambda m: m.at.hour or 24),
    "H": _number(lambda m: m.at.hour),
    "m": _number(lambda m: m.at.minute),
    "s": _number(lambda m: m.at.second),
    "S": _fraction,
    "A": _number(lambda m: _of_day(m) // 1_000_000),
    "n": _number(lambda m: m.nano_of_second),
    "N": _number(_of_day),
    "V": lambda m, f, w: zones.zone_id(m.at),
    "v": _generic_zone,
    "z": _zone_name,
    "O": _localized_offset,
    "X": _offset_x,
    "x": _offset_x,
    "Z": _offset_z,
}
