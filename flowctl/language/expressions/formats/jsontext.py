"""JSON text → values, as `fromJson` reads it."""

from __future__ import annotations

import json
import re

from flowctl.language.expressions.errors import ExpressionError, LimitError

LEADING_ZERO = re.compile(r"-?0[0-9]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
RUN_ON = {
    int: re.compile(r"[^\s]"),
    float: re.compile(r"[^\s]"),
    bool: re.compile(r"\w"),
    type(None): re.compile(r"\w"),
}
"""What may not stand right behind a value: anything behind a number, more of a word behind a word."""
_DECODER = json.JSONDecoder(strict=True, parse_constant=lambda name: _no_constant(name))


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def read_json(text: str) -> object:
    """The first value of a text; what stands behind it is ignored. Of a key that occurs twice the last value counts.

    Raises ExpressionError for anything else, with line and column.
    """
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if start == len(text):
        raise ExpressionError("Invalid json: No content to map due to end-of-input")
    if LEADING_ZERO.match(text, start):
        raise ExpressionError("Invalid json: Invalid numeric value: Leading zeroes not allowed")
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise ExpressionError(f"Invalid json: {error.msg}, line: {error.lineno}, column: {error.colno}") from None
    except ValueError as error:
        raise ExpressionError(f"Invalid json: {error}") from None
    except RecursionError:
        raise LimitError("Invalid json: nested too deeply") from None
    run_on = RUN_ON.get(type(value))
    if run_on is not None and run_on.match(text, end):
        raise ExpressionError(f"Invalid json: unexpected {text[end]!r} behind a value, column: {end + 1}")
    return _repaired(value) if "\\u" in text else value


def _repaired(value: object) -> object:
    """Without halves of surrogate pairs, which no output could carry."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_repaired(key): _repaired(item) for key, item in value.items()}
    return [_repaired(item) for item in value] if isinstance(value, list) else value
