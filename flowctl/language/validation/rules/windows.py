"""The `window` of a Flow trigger: which of its members go together (seen on a real 2.0)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time

from flowctl.language.findings import Path
from flowctl.language.validation.context import Context

TIMES = ("deadline", "from", "to")
WORDS = {
    "from": "a from time",
    "to": "a to time",
    "every": "an every duration",
    "offset": "an offset",
    "lookback": "a lookback duration",
}


def check_window(context: Context, window: Mapping[str, object], path: Path, shown: str) -> None:
    """Times of day that are none, members that exclude each other, and those that need another."""
    for name in TIMES:
        value = window.get(name)
        if value is not None and not _is_time(value):
            context.wrong((*path, name), f"`LocalTime` from `{value}`: a time of day such as 09:30:00 is meant", "F314")
    for text, hint in _contradictions(window):
        context.say(path, shown, text, "F342", hint=hint)


def _contradictions(window: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is said of members, with what to do about it."""
    given = {name for name, value in window.items() if value is not None}
    if "deadline" in given:
        yield from _excluded("DAILY_TIME_DEADLINE", "deadline", given & set(WORDS))
    elif given & {"from", "to"}:
        lacking = {"from", "to"} - given
        for name in sorted(lacking):
            yield f"Window of type `DAILY_TIME_WINDOW` must have {WORDS[name]}.", f"add `{name}`"
        if not lacking:
            yield from _excluded("DAILY_TIME_WINDOW", "from` and `to", given & {"every", "offset", "lookback"})
    elif "lookback" in given:
        yield from _excluded("SLIDING_WINDOW", "lookback", given & {"every", "offset"})


def _excluded(kind: str, other: str, names: set[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(names):
        yield f"Window of type `{kind}` cannot have {WORDS[name]}.", f"remove `{name}` or `{other}`"


def _is_time(value: object) -> bool:
    try:
        return time.fromisoformat(str(value)).tzinfo is None
    except ValueError:
        return False
