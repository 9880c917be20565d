"""Numbers, booleans, dates and durations → text, as Java prints them."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from flowctl.language.expressions.errors import LimitError
from flowctl.language.expressions.values import Float, fraction

MAX_DIGITS = 4000


def scalar_text(value: object) -> str:
    """A number, boolean, date or duration as text; null is `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return integer_text(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, time):
        return time_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def integer_text(value: int) -> str:
    """Digits. Raises LimitError past 4,000 of them, which would take long to make."""
    if value.bit_length() > MAX_DIGITS * 3:
        raise LimitError(f"A number with more than {MAX_DIGITS} digits cannot be printed")
    return int.__repr__(value)


def float_text(value: float) -> str:
    """A double as Java prints it: plain from 0.001 up to 10,000,000, with an exponent outside of it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    sign = "-" if value < 0 else ""
    digits, exponent = _shortest(abs(value), isinstance(value, Float))
    if -3 <= exponent < 7:
        return sign + _plain(digits, exponent)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _shortest(value: float, narrow: bool) -> tuple[str, int]:
    """The fewest digits that read back as the same number, and the exponent of the first."""
    if narrow:
        text = next(t for n in range(9) if Float(t := f"{value:.{n}e}") == value or n == 8)
    else:
        text = f"{Decimal(float.__repr__(value)):e}"
    mantissa, _, exponent = text.lower().partition("e")
    return mantissa.replace(".", "").rstrip("0") or "0", int(exponent or 0)


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    return digits[: exponent + 1].ljust(exponent + 1, "0") + "." + (digits[exponent + 1 :] or "0")


def decimal_text(value: Decimal) -> str:
    """A BigDecimal, which keeps its trailing zeros."""
    return str(value)


def plain_decimal(value: Decimal) -> str:
    """A BigDecimal without an exponent, as `{{ }}` prints it. Raises LimitError past 4,000 digits."""
    if value.is_finite() and max(abs(value.adjusted()), len(value.as_tuple().digits)) > MAX_DIGITS:
        raise LimitError(f"A number with more than {MAX_DIGITS} digits cannot be printed")
    return f"{value:f}"


def datetime_text(value: datetime) -> str:
    """The shortest ISO form: no seconds where they are zero, `Z` for a zero offset, the offset otherwise."""
    local = value.strftime("%Y-%m-%d").rjust(10, "0") + "T" + time_text(value.time())
    if value.tzinfo is None:
        return local
    return local + offset_text(value.utcoffset() or timedelta())


def time_text(value: time) -> str:
    """`HH:mm`, with seconds and a fraction only where they are not zero."""
    if value.second or value.microsecond:
        return value.strftime("%H:%M:%S") + fraction(value.microsecond * 1000)
    return value.strftime("%H:%M")


def offset_text(offset: timedelta) -> str:
    """`Z`, `+02:00`, `-03:30`."""
    minutes, seconds = divmod(abs(round(offset.total_seconds())), 60)
    if not minutes and not seconds:
        return "Z"
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")


def duration_text(value: timedelta) -> str:
    """ISO-8601 as Java writes it: hours, minutes and seconds, `PT0S` for none."""
    micros = round(value.total_seconds() * 1_000_000)
    sign = -1 if micros < 0 else 1
    hours, rest = divmod(abs(micros), 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, part = divmod(rest, 1_000_000)
    text = "".join(f"{sign * n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    if seconds or part:
        text += ("-" if sign < 0 else "") + str(seconds) + (f".{part:06d}".rstrip("0") if part else "") + "S"
    return "PT" + (text or "0S")
