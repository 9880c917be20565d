"""Java's DecimalFormat: patterns such as `#,##0.00`, `0.##E0`, `0%`, `0;(0)`; rounds half to even."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache

from flowctl.language.expressions.errors import ExpressionError

MAX_PATTERN = 300
PRECISION = 5000
DIGIT_MARKS = "#0,."


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern. `exponent` is the least number of exponent digits, 0 for none; `percent` the power of ten."""

    prefix: str
    suffix: str
    negative: tuple[str, str]
    min_whole: int = 1
    max_whole: int = 0
    min_fraction: int = 0
    max_fraction: int = 0
    group: int = 0
    exponent: int = 0
    percent: int = 0


@lru_cache(maxsize=256)
def parse(pattern: str) -> Pattern:
    """Reads a pattern. Raises ExpressionError for one that is none."""
    if len(pattern) > MAX_PATTERN:
        raise ExpressionError(f"A number pattern has at most {MAX_PATTERN} characters")
    positive, separator, negative = _halves(pattern)
    parsed = _half(positive, pattern)
    if separator:
        other = _half(negative, pattern)
        return replace(parsed, negative=(other.prefix, other.suffix))
    return replace(parsed, negative=("-" + parsed.prefix, parsed.suffix))


def _halves(pattern: str) -> tuple[str, str, str]:
    quoted = False
    for index, char in enumerate(pattern):
        quoted ^= char == "'"
        if char == ";" and not quoted:
            return pattern[:index], ";", pattern[index + 1 :]
    return pattern, "", ""


def _half(text: str, whole: str) -> Pattern:
    prefix, pos, power = _affix(text, 0, DIGIT_MARKS)
    start = pos
    while pos < len(text) and text[pos] in DIGIT_MARKS:
        pos += 1
    digits = text[start:pos]
    exponent = 0
    if text.startswith("E", pos):
        exponent = len(text[pos + 1 :]) - len(text[pos + 1 :].lstrip("0"))
        if not exponent:
            raise ExpressionError(f'Malformed exponential pattern "{whole}"')
        pos += 1 + exponent
    suffix, pos, more = _affix(text, pos, "")
    parsed = _digits(digits, whole)
    return replace(parsed, prefix=prefix, suffix=suffix, exponent=exponent, percent=max(power, more))


def _affix(text: str, pos: int, stop: str) -> tuple[str, int, int]:
    out, power = "", 0
    while pos < len(text) and text[pos] not in (stop or "\0"):
        char = text[pos]
        if char == "'":
            end = text.find("'", pos + 1)
            end = len(text) if end < 0 else end
            out += text[pos + 1 : end] or "'"
            pos = end
        else:
            if not stop and char in "#0":
                raise ExpressionError(f'Unquoted special character "{char}" in pattern "{text}"')
            power = {"%": 2, "\u2030": 3}.get(char, power)
            out += {"\u00a4": "$"}.get(char, char)
        pos += 1
    return out, pos, power


def _digits(digits: str, whole: str) -> Pattern:
    before, _, after = digits.partition(".")
    marks = before.replace(",", "")
    if "#" in marks.lstrip("#") or "0" in after.lstrip("0") or "." in after or "," in after:
        raise ExpressionError(f'Malformed pattern "{whole}"')
    least_whole, least_part = marks.count("0"), after.count("0")
    if "." in digits and not least_whole and not least_part:
        # Without any 0, `#.##` still writes one whole digit, and `.##` one fraction digit.
        least_whole, least_part = (1, 0) if marks else (0, 1)
    group = len(before) - before.rfind(",") - 1 if "," in before else 0
    return Pattern("", "", ("", ""), least_whole, len(marks), least_part, len(after), group)


def format_decimal(value: int | float | Decimal, pattern: str) -> str:
    """The number in the pattern. Raises ExpressionError for a malformed pattern."""
    parsed = parse(pattern)
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    negative = value < 0 or (isinstance(value, float) and math.copysign(1, value) < 0)
    prefix, suffix = parsed.negative if negative else (parsed.prefix, parsed.suffix)
    if isinstance(value, float) and math.isinf(value):
        return f"{prefix}∞{suffix}"
    with localcontext(prec=PRECISION, rounding=ROUND_HALF_EVEN):
        size = abs(_decimal(value, parsed)).scaleb(parsed.percent)
        body = _scientific(size, parsed) if parsed.exponent else _plain(size, parsed)
    return prefix + body + suffix


def _decimal(value: int | float | Decimal, parsed: Pattern) -> Decimal:
    """The exact number where digits will be cut off, else the shortest that reads back the same."""
    if not isinstance(value, float):
        return Decimal(value)
    shortest = Decimal(float.__repr__(value))
    exponent = shortest.as_tuple().exponent
    cut = isinstance(exponent, int) and -exponent > parsed.max_fraction + parsed.percent
    return Decimal(value) if cut or parsed.exponent else shortest


def _fixed(size: Decimal, low: int, high: int) -> tuple[str, str]:
    """Whole and fraction digits, rounded to at most `high` and at least `low` fraction digits."""
    rounded = size.quantize(Decimal(1).scaleb(-high))
    whole, _, part = f"{rounded:f}".partition(".")
    return whole, part.rstrip("0").ljust(low, "0")


def _plain(size: Decimal, parsed: Pattern) -> str:
    whole, part = _fixed(size, parsed.min_fraction, parsed.max_fraction)
    whole = whole.lstrip("0").rjust(parsed.min_whole, "0")
    if not whole and not part:
        whole = "0"
    if parsed.group:
        whole = _grouped(whole, parsed.group)
    return whole + ("." + part if part else "")


def _grouped(whole: str, size: int) -> str:
    first = len(whole) % size
    parts = [whole[:first]] if first else []
    return ",".join([*parts, *(whole[i : i + size] for i in range(first, len(whole), size))])


def _scientific(size: Decimal, parsed: Pattern) -> str:
    power = size.adjusted() if size else 0
    if parsed.max_whole > parsed.min_whole and parsed.max_whole > 1:
        exponent = math.floor(power / parsed.max_whole) * parsed.max_whole
        high = max(0, parsed.min_whole + parsed.max_fraction - (power - exponent + 1))
        low = 0
    else:
        exponent = power - max(parsed.min_whole, 1) + 1 if size else 0
        low, high = parsed.min_fraction, parsed.max_fraction
    whole, part = _fixed(size.scaleb(-exponent), low, high)
    if len(whole.lstrip("0")) > max(parsed.min_whole, 1) and parsed.max_whole <= max(parsed.min_whole, 1):
        exponent += 1
        whole, part = _fixed(size.scaleb(-exponent), low, high)
    sign = "-" if exponent < 0 else ""
    return whole + ("." + part if part else "") + "E" + sign + str(abs(exponent)).rjust(parsed.exponent, "0")
