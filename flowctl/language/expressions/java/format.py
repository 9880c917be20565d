"""Java's String.format: `%s`, `%05d`, `%,.2f`, `%2$s`, `%x`, `%e`, `%b`, `%c`, `%n`, `%%`."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext

from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.java.scalars import float_text
from flowctl.language.expressions.values import class_name, is_integer, width

SPECIFIER = re.compile(r"%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])?")
MAX_WIDTH = 10_000


def format_java(pattern: str, arguments: list[object], limit: int, text_of: Callable[[object], str]) -> str:
    """The pattern with its specifiers replaced. Raises ExpressionError for a missing or unfit argument."""
    state = _Arguments(arguments)
    size = len(pattern)

    def replace(found: re.Match[str]) -> str:
        nonlocal size
        text = _specifier(found, state, text_of)
        size += len(text)
        if size > limit:
            raise LimitError(f"A text is longer than {limit} characters")
        return text

    return SPECIFIER.sub(replace, pattern)


class _Arguments:
    def __init__(self, values: list[object]) -> None:
        self.values = values
        self.ordinary = 0
        self.last = -1

    def take(self, index: str | None, again: bool, shown: str) -> object:
        if again:
            at = self.last
        elif index:
            at = int(index) - 1
        else:
            at, self.ordinary = self.ordinary, self.ordinary + 1
        if not 0 <= at < len(self.values):
            raise ExpressionError(f"Format specifier '{shown}': the argument is missing")
        self.last = at
        return self.values[at]


def _specifier(found: re.Match[str], arguments: _Arguments, text_of: Callable[[object], str]) -> str:
    index, again, flags, size, precision, letter = found.groups()
    if letter is None:
        raise ExpressionError(f"UnknownFormatConversion: '{found.group()}'", hint="write %% for a percent sign")
    least, digits = int(size or 0), int(precision) if precision is not None else None
    if least > MAX_WIDTH or (digits or 0) > MAX_WIDTH:
        raise LimitError(f"A width or precision in a format is at most {MAX_WIDTH}")
    if letter in "%n":
        return _padded("%" if letter == "%" else "\n", least, flags)
    if least == 0 and set(flags) & set("-0"):
        raise ExpressionError(f"MissingFormatWidth: '{found.group()}'", hint="a width has to follow the flags - and 0")
    if "0" in flags and letter.lower() in "sbc":
        raise ExpressionError(f"FormatFlagsConversionMismatch: Conversion = {letter}, Flags = 0")
    value = arguments.take(index, bool(again), found.group())
    text = _converted(letter.lower(), value, flags, digits, least, text_of)
    return _padded(text.upper() if letter.isupper() else text, least, flags)


def _padded(text: str, least: int, flags: str) -> str:
    return text.ljust(least) if "-" in flags else text.rjust(least)


def _converted(
    letter: str, value: object, flags: str, digits: int | None, least: int, text_of: Callable[[object], str]
) -> str:
    if letter == "s":
        text = text_of(value)
        return text if digits is None else text[:digits]
    if letter == "b":
        return "true" if value is True or (value is not None and not isinstance(value, bool)) else "false"
    if value is None:
        return "null"
    if letter in "dxo" and is_integer(value):
        assert isinstance(value, int)
        return _whole(letter, value, flags, least)
    if letter in "feg" and isinstance(value, float | Decimal):
        return _floating(letter, _digits(value), flags, 6 if digits is None else digits, least)
    if letter == "c" and is_integer(value) and 0 <= int(value) < 0x110000:  # type: ignore[call-overload]  # whole
        return chr(int(value))  # type: ignore[call-overload]  # whole
    if letter == "c" and isinstance(value, str) and len(value) == 1:
        return value
    if letter not in "dxofegc":
        raise ExpressionError(f"UnknownFormatConversion: Conversion = '{letter}'")
    raise ExpressionError(f"IllegalFormatConversion: {letter} != {class_name(value)}")


def _digits(value: float | Decimal) -> Decimal:
    """The number as it prints: Java rounds the digits of `0.35`, not what the double holds."""
    return value if isinstance(value, Decimal) else Decimal(float_text(value).replace("Infinity", "inf"))


def _whole(letter: str, value: int, flags: str, least: int) -> str:
    if letter == "d":
        return _signed(f"{abs(value):,}" if "," in flags else str(abs(int(value))), value < 0, flags, least)
    if value < 0 and width(value) != "big":
        value = int(value) + (1 << (32 if width(value) == "int" else 64))
    text = f"{int(value):x}" if letter == "x" else f"{int(value):o}"
    mark = {"x": "0x", "o": "0"}[letter] if "#" in flags else ""
    return mark + (text.rjust(least - len(mark), "0") if "0" in flags else text)


def _floating(letter: str, value: Decimal, flags: str, digits: int, least: int) -> str:
    if not value.is_finite():
        return _signed("NaN" if value.is_nan() else "Infinity", value.is_signed(), flags.replace("0", ""), least)
    with localcontext(prec=MAX_WIDTH + 400, rounding=ROUND_HALF_UP):
        size = abs(value)
        if letter == "g":
            digits = max(1, digits)
            general = size != 0 and not Decimal("0.0001") <= size < Decimal(10) ** digits
            letter = "e" if general else "f"
            digits = digits - 1 if general or not size else max(0, digits - size.adjusted() - 1)
        text = _exponent(size, digits) if letter == "e" else f"{size.quantize(Decimal(1).scaleb(-digits)):f}"
    if "," in flags:
        whole, point, rest = text.partition(".")
        text = f"{int(whole):,}{point}{rest}"
    return _signed(text, value.is_signed() and not value.is_nan(), flags, least)


def _exponent(size: Decimal, digits: int) -> str:
    power = size.adjusted() if size else 0
    mantissa = size.scaleb(-power).quantize(Decimal(1).scaleb(-digits))
    if mantissa >= 10:
        power, mantissa = power + 1, (mantissa / 10).quantize(Decimal(1).scaleb(-digits))
    return f"{mantissa:f}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _signed(text: str, negative: bool, flags: str, least: int) -> str:
    before, after = "", ""
    if negative:
        before, after = ("(", ")") if "(" in flags else ("-", "")
    elif "+" in flags or " " in flags:
        before = "+" if "+" in flags else " "
    if "0" in flags:
        text = text.rjust(least - len(before) - len(after), "0")
    return before + text + after
