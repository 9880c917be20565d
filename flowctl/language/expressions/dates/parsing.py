"""Text → date fields by pattern, in English, as `existingFormat` wants it."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta, tzinfo

from flowctl.language.expressions.dates import zonenames
from flowctl.language.expressions.dates.names import ENGLISH
from flowctl.language.expressions.dates.patterns import Constant, Field, Optional, PatternToken, parse
from flowctl.language.expressions.dates.zones import zone
from flowctl.language.expressions.errors import ExpressionError

DIGITS = re.compile(r"[0-9]+")
SIGNED = re.compile(r"[+-]?[0-9]+")
OFFSETS = {
    name: re.compile(pattern)
    for names, pattern in {
        "X": r"Z|[+-]\d{2}(?:\d{2})?",
        "XX": r"Z|[+-]\d{4}",
        "XXX": r"Z|[+-]\d{2}:\d{2}",
        "XXXX": r"Z|[+-]\d{4}(?:\d{2})?",
        "XXXXX ZZZZZ": r"Z|[+-]\d{2}:\d{2}(?::\d{2})?",
        "x": r"[+-]\d{2}(?:\d{2})?",
        "xx Z ZZ ZZZ": r"[+-]\d{4}",
        "xxx": r"[+-]\d{2}:\d{2}",
        "xxxx": r"[+-]\d{4}(?:\d{2})?",
        "xxxxx": r"[+-]\d{2}:\d{2}(?::\d{2})?",
        "O OOOO ZZZZ": r"GMT(?:[+-]\d{1,2}(?::\d{2}(?::\d{2})?)?)?",
    }.items()
    for name in names.split()
}
"""How an offset is written under the letters of a pattern."""
ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_/]*(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{2}(?::?\d{2})?")
Found = dict[str, int]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.fields: Found = {}
        self.zone: tzinfo | None = None

    def fail(self) -> ExpressionError:
        return ExpressionError(f"Text '{self.text[:60]}' could not be parsed at index {self.pos}")

    def read(self, tokens: tuple[PatternToken, ...]) -> None:
        for index, token in enumerate(tokens):
            if isinstance(token, Constant):
                if not self.text.startswith(token.text, self.pos):
                    raise self.fail()
                self.pos += len(token.text)
            elif isinstance(token, Optional):
                self._optional(token)
            else:
                self._field(token, tokens[index + 1 :])

    def _optional(self, token: Optional) -> None:
        before = self.pos, dict(self.fields), self.zone
        try:
            self.read(token.tokens)
        except ExpressionError:
            self.pos, self.fields, self.zone = before

    def _field(self, field: Field, rest: tuple[PatternToken, ...]) -> None:
        if field.is_number:
            self._number(field, rest)
        elif field.letter in "MLEecaG":
            self._word(field)
        elif field.letter in "XxZO":
            self._offset(field)
        elif field.letter in "Vvz":
            self._zone(field)
        else:
            raise ExpressionError(f"The pattern letter {field.letter} cannot be read from a text")

    def _number(self, field: Field, rest: tuple[PatternToken, ...]) -> None:
        found = (SIGNED if field.letter in "uy" and field.count != 2 else DIGITS).match(self.text, self.pos)
        if found is None:
            raise self.fail()
        available = len(found.group())
        width = _width(field, available, rest)
        if available < width or width < (field.count if field.letter != "S" else 1):
            raise self.fail()
        value = found.group()[:width]
        self.pos += width
        if field.letter == "S":
            self.fields["S"] = int(value.ljust(9, "0"))
        else:
            self.fields[field.letter] = 2000 + int(value) if field.letter in "uyY" and field.count == 2 else int(value)

    def _word(self, field: Field) -> None:
        tables = {"M": _months(field), "L": _months(field), "a": ENGLISH.halves, "G": (_era(field),)}
        words = tables.get(field.letter) or (ENGLISH.short_days if field.count <= 3 else ENGLISH.days)
        for index, word in sorted(enumerate(words), key=lambda pair: -len(pair[1])):
            if self.text.startswith(word, self.pos):
                self.pos += len(word)
                self.fields["M" if field.letter == "L" else field.letter] = index + (field.letter in "ML")
                return
        raise self.fail()

    def _offset(self, field: Field) -> None:
        found = OFFSETS[field.letter * field.count].match(self.text, self.pos)
        if found is None:
            raise self.fail()
        self.pos = found.end()
        self.zone = zone(found.group())

    def _zone(self, field: Field) -> None:
        name = None if field.letter == "V" else zonenames.read_name(self.text, self.pos)
        if name is not None:
            self.zone = zone(zonenames.IDS[name])
            self.pos += len(name)
            return
        found = ZONE.match(self.text, self.pos)
        if found is None:
            raise self.fail()
        self.zone = zone(found.group())
        self.pos = found.end()


def _era(field: Field) -> str:
    return ENGLISH.eras[0 if field.count <= 3 else field.count - 3]


def _months(field: Field) -> tuple[str, ...]:
    return ENGLISH.short_months if field.count == 3 else ENGLISH.months


def _width(field: Field, available: int, rest: tuple[PatternToken, ...]) -> int:
    """Digits to take: fixed for two letters, and for the others what number fields right behind leave over."""
    if field.letter == "S":
        return field.count
    if field.count == 2:
        return 2
    reserved = 0
    for token in rest:
        if not isinstance(token, Field) or not token.is_number:
            break
        reserved += token.count
    if reserved:
        return max(field.count, available - reserved)
    return min(available, 19 if field.count != 3 else 3)


def parse_pattern(text: str, pattern: str) -> tuple[datetime, int, tzinfo | None]:
    """Local date-time, nanoseconds below its microseconds, and the zone that the text names.

    A text without a full time, an hour of twelve without its half included, is midnight. A day past the end of its
    month is its last day; 24:00 is midnight of the next. Raises ExpressionError.
    """
    reader = _Reader(text)
    reader.read(parse(pattern))
    if reader.pos != len(text):
        raise ExpressionError(f"Text '{text[:60]}' could not be parsed, unparsed text found at index {reader.pos}")
    fields = reader.fields
    nanos = fields.get("S", fields.get("n", 0))
    try:
        day, hour = _day(fields, text), _hour(fields)
        if hour is None:
            return day, 0, None
        at = day + timedelta(hours=hour, minutes=fields.get("m", 0), seconds=fields.get("s", 0))
        return at + timedelta(microseconds=nanos // 1000), nanos % 1000, reader.zone
    except (ValueError, OverflowError) as error:
        raise ExpressionError(f"Text '{text[:60]}' could not be parsed: {error}") from None


def _day(fields: Found, text: str) -> datetime:
    year = fields.get("y", fields.get("u"))
    if year is None:
        raise ExpressionError(f"Text '{text[:60]}' could not be parsed: it has no year")
    if "D" in fields:
        return datetime(year, 1, 1) + timedelta(days=fields["D"] - 1)
    month, day = fields.get("M", fields.get("L")), fields.get("d")
    if month is None or day is None:
        raise ExpressionError(f"Text '{text[:60]}' could not be parsed: it has no full date")
    if 1 <= month <= 12 and 28 < day <= 31:
        day = min(day, calendar.monthrange(year, month)[1])
    found = datetime(year, month, day)
    if "E" in fields and fields["E"] != found.weekday():
        raise ExpressionError(f"Text '{text[:60]}' could not be parsed: that day is a {ENGLISH.days[found.weekday()]}")
    return found


def _hour(fields: Found) -> int | None:
    """The hour of the day, None where the text does not say it. Raises ValueError for numbers out of their range."""
    midnight = fields.get("H") == 24 and not any(fields.get(letter) for letter in "msSn")
    for letter, low, high in (
        ("H", 0, 23 + midnight),
        ("k", 1, 24),
        ("h", 1, 12),
        ("K", 0, 11),
        ("m", 0, 59),
        ("s", 0, 59),
    ):
        if letter in fields and not low <= fields[letter] <= high:
            raise ValueError(f"{fields[letter]} is not between {low} and {high}")
    if "H" in fields:
        return fields["H"]
    if "k" in fields:
        return fields["k"] % 24
    if "a" not in fields or not ("h" in fields or "K" in fields):
        return None
    return (fields["h"] % 12 if "h" in fields else fields["K"]) + 12 * fields["a"]
