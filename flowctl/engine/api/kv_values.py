"""Values of the key-value store: the type that a sent text has (API sheet 5.3), rules of keys and durations."""

from __future__ import annotations

import re

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
