"""What a plain (unquoted) scalar means to a Kestra server: YAML 1.1 with exceptions.

`yes/no/on/off` are booleans, `010` is 8, `1_000` is 1000; `0o10`, `12:30` and dates stay text. Numbers that no
machine type holds stay text as well.
"""

from __future__ import annotations

import math
import re

_NULLS = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")


def _spellings(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(spelling for word in words for spelling in (word, word.capitalize(), word.upper()))


CONSTANTS: dict[str, bool | None] = {
    **_NULLS,
    **dict.fromkeys(_spellings(_TRUE), True),
    **dict.fromkeys(_spellings(_FALSE), False),
}
NUMERIC = frozenset("+-.0123456789")
_LONGEST_NUMBER = 400
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F_]+|0b[01_]+|0[0-7_]*|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9_]*[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))([eE][-+]?[0-9]+)?")


def plain_value(text: str) -> object:
    """The value of an unquoted scalar: `str`, `int`, `float`, `bool` or None."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text[0] in NUMERIC and len(text) < _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return _integer(text)
        if _FLOAT.fullmatch(text):
            number = float(text.replace("_", ""))
            return text if math.isinf(number) else number
    return text


def _integer(text: str) -> object:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").replace("_", "")
    base = {"0x": 16, "0X": 16, "0b": 2}.get(digits[:2], 8 if digits[0] == "0" and len(digits) > 1 else 10)
    digits = digits[2:] if base in (2, 16) else digits
    return sign * int(digits, base) if digits else text
