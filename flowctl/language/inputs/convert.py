"""Values of types: one function per type, text or structure in, the stored value out."""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Mapping

from flowctl.flowtext.document import YamlProblem, parse
from flowctl.language import moments
from flowctl.language.inputs.errors import InputError, fenced
from flowctl.model.environment import Dialect

__all__ = ["InputError", "convert"]

_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?")
_EMAIL = re.compile(r"[a-zA-Z0-9_!#$%&’*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+")
_URI_CHARACTER = r"(?:[-\w!.~'()*,;:$&+=?/@\[\]]|%[0-9A-Fa-f]{2}|[^\x00-\xa0\s])"
_URI = re.compile(rf"[a-zA-Z][a-zA-Z0-9+.-]*:(?!//\Z){_URI_CHARACTER}+(?:#{_URI_CHARACTER}*)?")
"""Any absolute address, as the servers' library reads it (seen on a real 2.0)."""
_URI_DOTTED = re.compile(r"[a-z]+://(?:www\.)?[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b\S*")
_STORED = ("kestra://", "nsfile://", "file://")
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def convert(kind: str, value: object, *, item_type: str | None = None, dialect: Dialect = "2.0") -> object:
    """A value of an input or output type.

    `value` is text (from a form or a rendered expression) or a structure; None stays None. DATETIME, DATE and TIME
    give text (a DATETIME before 2.0 with six digits of a second), DURATION seconds, JSON and YAML any structure, ARRAY
    and MULTISELECT a list. A SECRET is kept as text, a FILE as the address that it is.

    Raises:
        InputError: the value is not of the type.
    """
    if value is None:
        return None
    if kind in ("ARRAY", "MULTISELECT"):
        return _list(kind, value, item_type or ("STRING" if kind == "MULTISELECT" else None), dialect)
    if kind == "DURATION":
        return _duration(value)
    if kind == "DATETIME" and dialect == "1.3":
        return _micros(str(_read(moments.read_instant, value)))
    if kind == "URI" and dialect == "1.3":
        return _uri(value, _URI_DOTTED)
    converter = _CONVERTERS.get(kind)
    if converter is None:
        raise InputError(f"Invalid type: {kind}")
    return converter(value)


def text_of(value: object) -> str:
    """A value as the text that a form would have sent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)


def _int(value: object) -> object:
    text = text_of(value)
    if not _WHOLE.fullmatch(text) or len(text) > 20 or not _INT_MIN <= int(text) <= _INT_MAX:
        raise InputError(f'For input string: "{text}"')
    return int(text)


def _float(value: object) -> object:
    text = text_of(value).strip()
    if not _DECIMAL.fullmatch(text):
        raise InputError("empty String" if not text else f'For input string: "{text}"')
    number = narrow(float(text.rstrip("fFdD")))
    if not math.isfinite(number):
        raise InputError(f'For input string: "{text}"')  # JSON has no text for it
    return number


def narrow(number: float) -> float:
    """A number with the precision of 32 bits, as Java's `Float` prints it."""
    if not math.isfinite(number) or number == 0:
        return number
    try:
        target = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    for digits in range(6, 10):
        short = float(f"{target:.{digits}g}")
        if struct.unpack("<f", struct.pack("<f", short))[0] == target:
            return short
    return float(target)


def _bool(value: object) -> object:
    return text_of(value).strip().lower() == "true"


def default_bool(value: object) -> bool:
    """A BOOL that is a default: the words, or a number, which is true unless it is 0.

    What is given is not looked at so closely: all but `true` is false there (seen on a real 1.3 and 2.0).

    Raises:
        InputError: another text.
    """
    text = text_of(value).strip().lower()
    if _DECIMAL.fullmatch(text):
        return float(text.rstrip("fd")) != 0
    if text not in ("true", "false"):
        raise fenced(
            f"Unrecognized token '{text}': was expecting (JSON String, Number, Array, Object or token "
            "'null', 'true' or 'false')"
        )
    return text == "true"


def _duration(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return _read(moments.read_seconds, value)


def _micros(instant: str) -> str:
    """An instant with six digits of a second, whatever it had."""
    whole, _, fraction = instant.removesuffix("Z").partition(".")
    return f"{whole}.{fraction[:6]:0<6}Z"


def _read(reader: Callable[[str], object], value: object) -> object:
    try:
        return reader(text_of(value))
    except ValueError as error:
        raise fenced(str(error)) from None


def _json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=_no_json, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise fenced(f"{error}" if isinstance(error, ValueError) else "nested too deeply") from None


def _no_json(name: str) -> object:
    raise ValueError(f"Unrecognized token '{name}'")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"Numeric value ({text[:40]}) out of range")
    return number


def _yaml(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parse(value).value
    except YamlProblem as problem:
        raise fenced(f"{problem.message} (line {problem.line}, column {problem.column})") from None


def _file(value: object) -> object:
    text = text_of(value)
    if not text.startswith(_STORED):
        raise InputError(f"Expected a file or the address of one ({', '.join(_STORED)}) but received `{text}`")
    return text


def _uri(value: object, pattern: re.Pattern[str]) -> object:
    text = text_of(value)
    if not pattern.fullmatch(text):
        raise InputError(f"Expected `URI` but received `{text}`")
    return text


def _email(value: object) -> object:
    text = text_of(value)
    if text and not _EMAIL.fullmatch(text):
        raise InputError("The input must be a valid email")
    return text


def _list(kind: str, value: object, item_type: str | None, dialect: Dialect) -> object:
    held = _json(value) if isinstance(value, str) else value
    if isinstance(held, (tuple, set)):
        held = list(held)
    if not isinstance(held, list):
        raise fenced(f"Cannot deserialize value of type `List` from {type(held).__name__} value")
    return held if item_type is None else [_element(item, item_type, dialect) for item in held]


def _element(item: object, item_type: str, dialect: Dialect) -> object:
    if item is None:
        return None
    try:
        return convert(item_type, item, dialect=dialect)
    except InputError:
        text = f"Unable to parse array element as `{item_type}` on `{text_of(item)}`"
        raise InputError(text) from None


_CONVERTERS: Mapping[str, Callable[[object], object]] = {
    "STRING": text_of,
    "SELECT": text_of,
    "ENUM": text_of,
    "SECRET": text_of,
    "FILE": _file,
    "INT": _int,
    "FLOAT": _float,
    "BOOL": _bool,
    "BOOLEAN": _bool,
    "DATETIME": lambda value: _read(moments.read_instant, value),
    "DATE": lambda value: _read(moments.read_date, value),
    "TIME": lambda value: _read(moments.read_time, value),
    "JSON": _json,
    "YAML": _yaml,
    "URI": lambda value: _uri(value, _URI),
    "EMAIL": _email,
}
