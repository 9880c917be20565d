"""Values → text: how `{{ }}` prints them, how concatenation writes them, and JSON.

Sources of the rules: maps and lists print as compact JSON without the null entries of maps; `~` and `+` write Java's
own form (`{a=1}`, `[1, 2]`, null as `null`); doubles print as Java does (`1.0`, `1.0E7`).
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from flowctl.language.expressions.errors import LimitError
from flowctl.language.expressions.values import Float, HashMap, Instant, MapEntry, fraction

MAX_DEPTH = 100
MAX_DIGITS = 4000
LOWER_ESCAPE = re.compile(r"\\u00[0-9a-f]{2}")
quote_json = json.encoder.encode_basestring


def print_value(value: object, limit: int) -> str:
    """What `{{ value }}` prints. Raises LimitError past `limit` characters."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | list | tuple | bytes):
        return json_text(value, limit)
    return scalar_text(value)


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


class _Writer:
    """Collects text up to a limit."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.parts: list[str] = []

    def add(self, text: str) -> None:
        self.left -= len(text)
        if self.left < 0:
            raise LimitError("The text of a value is longer than a rendering may be")
        self.parts.append(text)

    def text(self) -> str:
        return "".join(self.parts)


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LimitError(f"A value is nested deeper than {MAX_DEPTH} levels")


def json_text(value: object, limit: int) -> str:
    """Compact JSON; null entries of maps are left out, null items of lists stay. Infinities are quoted."""
    writer = _Writer(limit)
    _write_json(value, writer, 0)
    return writer.text()


def _write_json(value: object, out: _Writer, depth: int) -> None:
    _check_depth(depth)
    if isinstance(value, str):
        out.add(json_string(value))
    elif isinstance(value, MapEntry):
        _write_json({value.key: value.value}, out, depth)
    elif isinstance(value, Mapping):
        out.add("{")
        comma = ""
        for key, item in value.items():
            if item is not None:
                out.add(comma + json_string(java_text(key, out.left)) + ":")
                _write_json(item, out, depth + 1)
                comma = ","
        out.add("}")
    elif isinstance(value, list | tuple):
        out.add("[")
        for index, item in enumerate(value):
            if index:
                out.add(",")
            _write_json(item, out, depth + 1)
        out.add("]")
    else:
        out.add(_json_scalar(value))


def _json_scalar(value: object) -> str:
    if isinstance(value, bytes):
        return json_string(base64.b64encode(value).decode("ascii"))
    text = scalar_text(value)
    plain = value is None or isinstance(value, bool | int | Decimal)
    if plain or (isinstance(value, float) and math.isfinite(value)):
        return text
    return json_string(text)


def json_string(text: str) -> str:
    """A JSON string; control characters as `\\u001F` with upper-case digits, everything else as it is."""
    quoted = quote_json(text)
    if "\\u00" in quoted:
        quoted = LOWER_ESCAPE.sub(lambda m: "\\u" + m.group()[2:].upper(), quoted)
    return quoted


def java_text(value: object, limit: int) -> str:
    """The value in Java's own form, as `~`, `+`, `join` and `string` write it; null is `null`."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping | list | tuple):
        return "[B" if isinstance(value, bytes) else scalar_text(value)
    writer = _Writer(limit)
    _write_java(value, writer, 0)
    return writer.text()


def _write_java(value: object, out: _Writer, depth: int) -> None:
    _check_depth(depth)
    if isinstance(value, MapEntry):
        out.add(java_text(value.key, out.left) + "=")
        _write_java(value.value, out, depth + 1)
    elif isinstance(value, Mapping):
        out.add("{")
        for index, (key, item) in enumerate(value.items()):
            out.add((", " if index else "") + java_text(key, out.left) + "=")
            _write_java(item, out, depth + 1)
        out.add("}")
    elif isinstance(value, list | tuple):
        out.add("[")
        for index, item in enumerate(value):
            if index:
                out.add(", ")
            _write_java(item, out, depth + 1)
        out.add("]")
    else:
        out.add(java_text(value, out.left))


def plain(value: object, depth: int = 0) -> object:
    """A value in Python's own types (int, float, str, list, dict …), for whoever is outside of expressions.

    Dates, instants and durations stay as they are.
    """
    if value is None or type(value) in (str, bool, int, float, bytes):
        return value
    _check_depth(depth)
    if isinstance(value, MapEntry):
        return {value.key: plain(value.value, depth + 1)}
    if isinstance(value, HashMap | dict):
        return {(k if isinstance(k, str) else java_text(k, 1000)): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Float):
        return float(float_text(value))
    return value


__all__ = [
    "Instant",
    "datetime_text",
    "decimal_text",
    "duration_text",
    "float_text",
    "integer_text",
    "java_text",
    "json_string",
    "json_text",
    "offset_text",
    "plain",
    "print_value",
    "scalar_text",
    "time_text",
]
