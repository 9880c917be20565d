"""JSON in and out of the store: orjson, and the standard library for what orjson does not take.

What the standard library has written begins with a blank, and is read by it too: orjson would make numbers with a point
of integers past 64 bits.
"""

from __future__ import annotations

import json

import orjson

OTHER, OTHER_TEXT = b" ", " "


def dump(value: object) -> bytes:
    """Compact JSON. Integers past 64 bits and lone surrogates (escaped) are written too.

    Raises:
        ValueError: `value` is not JSON data.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        try:
            return OTHER + json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
        except TypeError as error:
            raise ValueError(str(error)) from None


def load(data: bytes | str) -> object:
    """The value of a JSON text.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        if data[:1] in (OTHER, OTHER_TEXT):
            return json.loads(data)
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise ValueError(str(error)) from None
