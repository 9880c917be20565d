"""JSON in and out of the store: orjson, and the standard library for what orjson does not take."""

from __future__ import annotations

import json

import orjson


def dump(value: object) -> bytes:
    """Compact JSON. Integers past 64 bits and lone surrogates (escaped) are written too.

    Raises:
        ValueError: `value` is not JSON data.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        try:
            return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
        except TypeError as error:
            raise ValueError(str(error)) from None


def load(data: bytes | str) -> object:
    """The value of a JSON text.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise ValueError(str(error)) from None
