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
    """A parsed pattern. `exponent` is the least number of exponent digits, 0 for none; `percent` the power of ten;
    `point` says that the point is written without digits behind it too.
    """

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
    point: bool = False


@lru_cache(maxsize=256)
def parse(pattern: str) -> Pattern:
    """Reads a pattern. Raises ExpressionError for one that is none."""
    if len(pattern) > MAX_PATTERN:
        raise ExpressionError(f"A number pattern has at most {MAX_PATTERN} characters")
    positive, *negative = _halves(pattern)
    parsed = _half(positive, pattern)
    if len(negative) > 1:
        raise ExpressionError(f'Unquoted special character ";" in pattern "{pattern}"')
    if negative and negative[0]:
        other = _half(negative[0], pattern)
        if (other.prefix, other.suffix) != (parsed.prefix, parsed.suffix):
            return replace(parsed, negative=(other.prefix, other.suffix))
    return replace(parsed, negative=("-" + parsed.prefix, parsed.suffix))


def _halves(pattern: str) -> list[str]:
    """The parts between semicolons outside of quotes."""
    quoted = False
    parts = [""]
    for char in pattern:
        quoted ^= char == "'"
        if char == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    return parts


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
            quoted, pos = _quoted(text, pos)
            out += quoted
        else:
            if not stop and char in "#0":
                raise ExpressionError(f'Unquoted special character "{char}" in pattern "{text}"')
            power = {"%": 2, "\u2030": 3}.get(char, power)
            out += {"\u00a4": "$"}.get(char, char)
        pos += 1
    return out, pos, power


def _quoted(text: str, pos: int) -> tuple[str, int]:
    """What stands in the quotes that begin at `pos`, and the place of the closing one; two in a row are one quote."""
    end = text.find("'", pos + 1)
    if end == pos + 1:
        return "'", end
    while end >= 0 and text.startswith("''", end):
        end = text.find("'", end + 2)
    if end < 0:
        raise ExpressionError(f'Malformed pattern "{text}": a quote is not closed')
    return text[pos + 1 : end].replace("''", "'"), end


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
    if before.endswith(","):
        raise ExpressionError(f'Malformed pattern "{whole}"')
    point = digits.endswith(".")
    return Pattern("", "", ("", ""), least_whole, len(marks), least_part, len(after), group, point=point)


def format_decimal(value: int | float | Decimal, pattern: str) -> str:
    """The number in the pattern. Raises ExpressionError for a malformed pattern."""
    parsed = parse(pattern)
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    negative = value < 0 or (isinstance(value, float) and math.copysign(1, value) < 0)
    prefix, suffix = parsed.negative if negative else (parsed.prefix, parsed.suffix)
    if isinstance(value, float) and math.isinf(value):
        return f"{prefix}∞{suffix}"
    if isinstance(value, float) and parsed.percent:
        value = float(value) * 10**parsed.percent
    with localcontext(prec=PRECISION, rounding=ROUND_HALF_EVEN):
        size = abs(_decimal(value, parsed))
        if parsed.percent and not isinstance(value, float):
            size = size.scaleb(parsed.percent)
        body = _scientific(size, parsed) if parsed.exponent else _plain(size, parsed)
    return prefix + body + suffix


def _decimal(value: int | float | Decimal, parsed: Pattern) -> Decimal:
    """The exact number where digits will be cut off, else the shortest that reads back the same."""
    if not isinstance(value, float):
        return Decimal(value)
    shortest = Decimal(float.__repr__(value))
    exponent = shortest.as_tuple().exponent
    cut = isinstance(exponent, int) and -exponent > parsed.max_fraction
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
    return whole + ("." + part if part or parsed.point else "")


def _grouped(whole: str, size: int) -> str:
    first = len(whole) % size
    parts = [whole[:first]] if first else []
    return ",".join([*parts, *(whole[i : i + size] for i in range(first, len(whole), size))])


def _scientific(size: Decimal, parsed: Pattern) -> str:
    """With an exponent: as many significant digits as whole and fraction digits of the pattern together.

    More whole digits than there have to be make the exponent a multiple of their number.
    """
    digits, point = _significant(size, max(1, parsed.max_whole + parsed.max_fraction))
    step, least = parsed.max_whole, parsed.min_whole
    if step > 1 and step > least:
        exponent, before = (point - 1) // step * step, 1
    else:
        exponent, before = point - (least if least or parsed.min_fraction else 1), least
    if size:
        before = point - exponent
    else:
        exponent = 0
    digits = digits.ljust(max(least + parsed.min_fraction, before), "0")
    whole, part = digits[:before], digits[before:]
    sign = "-" if exponent < 0 else ""
    mark = "." if part or parsed.point else ""
    return whole + mark + part + "E" + sign + str(abs(exponent)).rjust(parsed.exponent, "0")


def _significant(size: Decimal, count: int) -> tuple[str, int]:
    """At most `count` digits, rounded, without zeros at their end, and the place of the point among them."""
    if not size:
        return "", 0
    rounded = size.quantize(Decimal(1).scaleb(size.adjusted() - count + 1))
    text = "".join(map(str, rounded.as_tuple().digits))
    return text.rstrip("0"), rounded.adjusted() + 1
