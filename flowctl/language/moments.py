"""Dates, times and durations of inputs as texts: strict ISO-8601 in, the text that Java prints out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from flowctl.language.durations import parse_duration

_DATETIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d(?::\d\d)?)(?:\.(?P<nanos>\d{1,9}))?"
    r"(?P<offset>Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)(?:\[[\w/+-]+\])?"
)
_TIME = re.compile(r"(?P<time>\d\d:\d\d(?::\d\d)?)(?:\.(?P<nanos>\d{1,9}))?")


def read_instant(text: str) -> str:
    """A date and time with offset → the instant as Java prints it (`2024-05-01T10:00:00Z`).

    Raises:
        ValueError: it is none; without offset it is none.
    """
    match = _DATETIME.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        offset = match["offset"]
        offset = offset + ":00" if len(offset) == 3 else offset
        moment = datetime.fromisoformat(f"{match['day']}T{match['time']}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"Text '{text}' could not be parsed at index {_index(text)}") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + _fraction(match["nanos"]) + "Z"


def read_date(text: str) -> str:
    """A date `yyyy-MM-dd`, unchanged.

    Raises:
        ValueError: it is none.
    """
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip()):
            raise ValueError
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed at index {_index(text)}") from None


def read_time(text: str) -> str:
    """A time of day `HH:mm[:ss[.fraction]]` → with seconds.

    Raises:
        ValueError: it is none.
    """
    match = _TIME.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        return time.fromisoformat(match["time"]).strftime("%H:%M:%S") + _fraction(match["nanos"])
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed at index {_index(text)}") from None


def java_time(text: str) -> str:
    """A time of day as Java prints it in messages: seconds only when there are some."""
    return text.removesuffix(":00") if text.count(":") == 2 else text


def read_seconds(text: str) -> float:
    """An ISO-8601 duration in seconds, as 2.0 keeps it.

    Raises:
        ValueError: it is none.
    """
    try:
        return parse_duration(text).total_seconds()
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed to a Duration") from None


def _fraction(nanos: str | None) -> str:
    """A fraction of a second in groups of three digits, as Java prints instants."""
    digits = (nanos or "").ljust(9, "0")
    while digits.endswith("000"):
        digits = digits[:-3]
    return f".{digits}" if digits else ""


def _index(text: str) -> int:
    """Where a date stops being one: behind its digits and signs."""
    match = re.match(r"[\d:T.-]*", text)
    return match.end() if match is not None and match.end() < len(text) else 0
