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
from decimal import Decimal

from flowctl.language.expressions.errors import LimitError
from flowctl.language.expressions.java.scalars import float_text, plain_decimal, scalar_text
from flowctl.language.expressions.values import Float, MapEntry
from flowctl.language.expressions.writing import Check, Writer, unchecked

MAX_DEPTH = 100
MAX_PARTS = 2_000_000
LOWER_ESCAPE = re.compile(r"\\u00[0-9a-f]{2}")
quote_json = json.encoder.encode_basestring


def print_value(value: object, limit: int, check: Check = unchecked) -> str:
    """What `{{ value }}` prints. Raises LimitError past `limit` characters."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, MapEntry):
        return java_text(value, limit, check)
    if isinstance(value, Mapping | list | tuple | bytes):
        return json_text(value, limit, check)
    return plain_decimal(value) if isinstance(value, Decimal) else scalar_text(value)


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LimitError(f"A value is nested deeper than {MAX_DEPTH} levels")


def json_text(value: object, limit: int, check: Check = unchecked, *, nulls: bool = False) -> str:
    """Compact JSON. Null entries of maps are left out unless `nulls`; infinities are quoted."""
    writer = Writer(limit, check)
    _write_json(value, writer, 0, nulls)
    return writer.text()


def _write_json(value: object, out: Writer, depth: int, nulls: bool) -> None:
    _check_depth(depth)
    if isinstance(value, str):
        out.add(json_string(value))
    elif isinstance(value, MapEntry):
        _write_json({value.key: value.value}, out, depth, nulls)
    elif isinstance(value, Mapping):
        out.add("{")
        comma = ""
        for key, item in value.items():
            if nulls or item is not None:
                out.add(comma + json_string(java_text(key, out.left)) + ":")
                _write_json(item, out, depth + 1, nulls)
                comma = ","
        out.add("}")
    elif isinstance(value, list | tuple):
        out.add("[")
        for index, item in enumerate(value):
            if index:
                out.add(",")
            _write_json(item, out, depth + 1, nulls)
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


def java_text(value: object, limit: int, check: Check = unchecked) -> str:
    """The value in Java's own form, as `~`, `+`, `join` and `string` write it; null is `null`."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping | list | tuple):
        return "[B" if isinstance(value, bytes) else scalar_text(value)
    writer = Writer(limit, check)
    _write_java(value, writer, 0)
    return writer.text()


def _write_java(value: object, out: Writer, depth: int) -> None:
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


def plain(value: object) -> object:
    """A value in Python's own types (int, float, str, list, dict …), for whoever is outside of expressions.

    Dates, instants and durations stay as they are. Raises LimitError for a value of more than two million parts.
    """
    return _plain_value(value, [MAX_PARTS], 0)


def _plain_value(value: object, left: list[int], depth: int) -> object:
    if value is None or type(value) in (str, bool, int, float, bytes):
        return value
    _check_depth(depth)
    if isinstance(value, MapEntry):
        return {_key(value.key): _plain_value(value.value, left, depth + 1)}
    if isinstance(value, Mapping | list | tuple):
        left[0] -= len(value)
        if left[0] < 0:
            raise LimitError(f"A value has more than {MAX_PARTS} parts")
        if isinstance(value, Mapping):
            return {_key(k): _plain_value(v, left, depth + 1) for k, v in value.items()}
        return [_plain_value(item, left, depth + 1) for item in value]
    if isinstance(value, int):
        return int(value)
    return float(float_text(value)) if isinstance(value, Float) else value


def _key(key: object) -> str:
    return key if isinstance(key, str) else java_text(key, 1000)
