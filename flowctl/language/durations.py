"""Durations and sizes as flows write them.

ISO-8601 durations (`PT5M`, `P1DT2H`), the words a real server also reads (`5 seconds`), and
sizes such as `10 MB`. Years and months are no durations of time and are refused, as `java.time.Duration` refuses them.
"""

from __future__ import annotations

import re
from datetime import timedelta

_ISO = re.compile(
    r"(?P<sign>[-+])?P(?:(?P<D>[-+]?\d+)D)?"
    r"(?:T(?=.)(?:(?P<H>[-+]?\d+)H)?(?:(?P<M>[-+]?\d+)M)?(?:(?P<S>[-+]?\d+)(?:[.,](?P<F>\d{0,9}))?S)?)?",
    re.IGNORECASE,
)
_WORDS = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)
_UNITS = {
    "ms": 0.001,
    "millisecond": 0.001,
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
    "w": 604800,
    "week": 604800,
}
_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*(b|kb|mb|gb|tb|kib|mib|gib|tib|ki|mi|gi|ti|k|m|g|t)?", re.IGNORECASE)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}
_LONGEST = 999_999_999 * 86400


def parse_duration(text: str) -> timedelta:
    """An ISO-8601 duration of days, hours, minutes and seconds.

    Raises:
        ValueError: `text` is no such duration, or longer than a `timedelta` holds.
    """
    match = _ISO.fullmatch(text.strip())
    if match is None or text.strip().upper().lstrip("+-") in ("P", "PT"):
        raise ValueError(f"Text cannot be parsed to a Duration: `{text}`")
    whole = {name: int(match[name] or 0) for name in "DHMS"}
    fraction = int((match["F"] or "").ljust(9, "0") or 0) / 1e9
    if (match["S"] or "").startswith("-"):
        fraction = -fraction
    seconds = whole["D"] * 86400 + whole["H"] * 3600 + whole["M"] * 60 + whole["S"]
    if abs(seconds) >= _LONGEST:
        raise ValueError(f"Text cannot be parsed to a Duration: `{text}` is too long")
    total = timedelta(seconds=seconds) + timedelta(seconds=fraction)
    return -total if match["sign"] == "-" else total


def read_duration(text: str) -> timedelta:
    """A duration as a task property takes it: ISO-8601, or words such as `5 seconds`.

    Raises:
        ValueError: it is neither.
    """
    stripped = text.strip()
    if stripped[:1] not in ("", "p", "P", "+", "-"):
        match = _WORDS.match(stripped)
        if match is not None:
            unit = match[2].lower()
            factor = _UNITS.get(unit, _UNITS.get(unit.removesuffix("s"), 0))
            if factor and float(match[1]) * factor < _LONGEST:
                return timedelta(seconds=float(match[1]) * factor)
    return parse_duration(text)


def format_duration(value: timedelta) -> str:
    """The ISO-8601 text of a duration, as Java prints it: hours, minutes, seconds, never days."""
    micros = value // timedelta(microseconds=1)
    if micros == 0:
        return "PT0S"
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    seconds, fraction = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{sign}{hours}H" if hours else ""
    text += f"{sign}{minutes}M" if minutes else ""
    if seconds or fraction:
        text += f"{sign}{seconds}" + (f".{fraction:06d}".rstrip("0") if fraction else "") + "S"
    return "PT" + text


def parse_size(text: str) -> int:
    """A size in bytes: `10 MB`, `512Ki`, `4GB`; a unit counts in powers of 1024, without one the number is bytes.

    Raises:
        ValueError: `text` is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"Invalid size: `{text}`, expected a number and B, KB, MB, GB or TB")
    power = _POWERS.get((match[2] or "b")[0].lower(), 0)
    return int(float(match[1]) * 1024**power)
