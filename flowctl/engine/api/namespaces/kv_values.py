"""Values of the key-value store: the type that a sent text has, rules of keys and durations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from flowctl.engine.store.jsontext import load

TYPES = frozenset({"STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"})
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEY_RULE = (
    "Key must start with an alphanumeric character (uppercase or lowercase) and can contain alphanumeric characters "
    "(uppercase or lowercase), dots (.), underscores (_), and hyphens (-) only."
)
_DURATION = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<days>[-+]?\d{1,9})D)?"
    r"(?:T(?:(?P<hours>[-+]?\d{1,9})H)?(?:(?P<minutes>[-+]?\d{1,9})M)?(?:(?P<seconds>[-+]?\d{1,9}(?:\.\d{0,9})?)S)?)?",
    re.IGNORECASE,
)
_UNITS = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1000}


def valid_key(key: str) -> bool:
    """Whether a key follows `KEY_RULE`."""
    return KEY.fullmatch(key) is not None


def parse_duration_ms(text: str) -> int | None:
    """An ISO-8601 duration of days and time in milliseconds; None when it is not one or is not positive."""
    match = _DURATION.fullmatch(text.strip())
    if not match or text.strip()[-1] in "PpTt":
        return None
    total = sum(float(match[name] or 0) * factor for name, factor in _UNITS.items())
    total = -total if match["sign"] == "-" else total
    return int(total) if total > 0 else None


class InvalidValue(Exception):
    """A text that is no value."""


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,300})(?:\.\d{1,300})?(?:[eE][-+]?\d{1,3})?")
_SYMBOL = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def typed(text: str) -> tuple[str, object]:
    """The type and value of a text sent to the store, read as a real server does: a superset of JSON.

    Of bare words only the first is kept (seen); clients put texts in quotes.

    Raises:
        InvalidValue: it cannot be read.
    """
    sent = text.strip()
    if sent in ("true", "false"):
        return "BOOLEAN", sent == "true"
    if sent == "null":
        return "STRING", None
    if sent[:1] in ('"', "{", "["):
        return _json(sent)
    for pattern, read in _READERS:
        if pattern.fullmatch(sent):
            return read(sent)
    word = _SYMBOL.match(sent)
    if not word:
        raise InvalidValue(f"Invalid JSON value for: {sent[:80]}")
    return _text(word.group())


def _json(sent: str) -> tuple[str, object]:
    try:
        value = load(sent)
    except ValueError:
        raise InvalidValue(f"Invalid JSON value for: {sent[:80]}") from None
    return _text(value) if isinstance(value, str) else ("JSON", value)


def _text(value: str) -> tuple[str, object]:
    return ("DURATION" if is_duration(value) else "STRING"), value


def is_duration(text: str) -> bool:
    """Whether a text is an ISO-8601 duration of days and time, of any sign."""
    return _DURATION.fullmatch(text) is not None and text[-1:] not in "PpTt"


def _number(sent: str) -> tuple[str, object]:
    return "NUMBER", (float(sent) if any(sign in sent for sign in ".eE") else int(sent))


def _moment(sent: str) -> tuple[str, object]:
    try:
        datetime.fromisoformat(sent)
    except ValueError:
        raise InvalidValue(f"Invalid JSON value for: {sent[:80]}") from None
    return ("DATETIME" if "T" in sent else "DATE"), sent


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], tuple[str, object]]], ...] = (
    (_NUMBER, _number),
    (_DATE, _moment),
    (_DATETIME, _moment),
)
