"""Durations in flow texts as microseconds."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from flowctl.language.durations import read_duration

_MICRO = timedelta(microseconds=1)
_SECONDS = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)


def micros(text: str) -> int:
    """A duration such as `PT1.5S`, `P1DT2H` or `5 seconds` in microseconds.

    Raises:
        ValueError: the text is no duration.
    """
    return read_duration(text) // _MICRO


def rendered_micros(text: str) -> int | None:
    """The duration that the rendered text of a property gives: a bare number counts seconds, as on servers; None for
    blank text, which is as good as no property.

    Raises:
        ValueError: the text is no duration.
    """
    if not text.strip():
        return None
    if _SECONDS.fullmatch(text):
        return int(Decimal(text) * 1_000_000)
    return micros(text)


def iso(duration: int) -> str:
    """Microseconds as an ISO duration, as Java prints it: `PT1H2M3.5S`."""
    seconds, fraction = divmod(abs(duration), 1_000_000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if fraction:
        text += f"{seconds}.{fraction:06d}".rstrip("0") + "S"
    elif seconds or text == "PT":
        text += f"{seconds}S"
    return text


def clock_text(duration: int) -> str:
    """Microseconds as `00:00:01.000`."""
    millis = duration // 1000
    return f"{millis // 3_600_000:02d}:{millis // 60_000 % 60:02d}:{millis // 1000 % 60:02d}.{millis % 1000:03d}"
