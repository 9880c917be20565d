"""Times of a retry: each lasts, and of two the shorter one is shorter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flowctl.language.durations import parse_duration
from flowctl.language.findings import Path
from flowctl.language.validation.context import Context, index_text

_PAIRS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "constant": (("interval", "maxDuration", "intervalLessThanMaxDuration"),),
    "exponential": (
        ("interval", "maxDuration", "intervalLessThanMaxDuration"),
        ("interval", "maxInterval", "intervalLessThanMaxInterval"),
    ),
    "random": (
        ("minInterval", "maxDuration", "minIntervalLessThanMaxDuration"),
        ("minInterval", "maxInterval", "minIntervalLessThanMaxInterval"),
    ),
}


def check_retry(context: Context, retry: Mapping[str, object], path: Path) -> None:
    """The shorter time is the shorter one, and no time is nothing (2.0; seen)."""
    for key in ("interval", "minInterval", "maxInterval", "maxDuration"):
        positive(context, retry, key, path)
    for small, large, rule in _PAIRS.get(str(retry.get("type")), ()):
        less, more = _time(retry.get(small)), _time(retry.get(large))
        if less is not None and more is not None and less >= more:
            shown = f"{index_text(path)}.{rule}"
            hint = f"{small} is {retry[small]}, {large} is {retry[large]}"
            context.say((*path, small), shown, f"'{small}' must be less than '{large}'", "F337", hint=hint)


def positive(context: Context, holder: Mapping[str, object], key: str, path: Path) -> None:
    """A duration has to last. Servers before 2.0 do not mind (seen)."""
    length = _time(holder.get(key))
    if context.dialect == "2.0" and length is not None and length <= timedelta():
        at = (*path, key)
        context.say(at, index_text(at), "must be a positive duration", "F337", hint="a duration such as PT30S")


def _time(value: object) -> timedelta | None:
    """A duration, or seconds; None for what is neither."""
    if isinstance(value, bool):
        return None
    try:
        return timedelta(seconds=value) if isinstance(value, (int, float)) else parse_duration(str(value))
    except (ValueError, OverflowError):
        return None
