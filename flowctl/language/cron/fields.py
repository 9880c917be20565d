"""Fields of a cron expression: text → the set of values it allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z]+")
_CHARS = re.compile(r"[0-9*/,\-]*")
_EVERY = ("*", "*/1", "/1")
_FROM_END = re.compile(r"[Ll](?:-([0-9]+))?")


class CronError(ValueError):
    """A text that is no cron expression; the message is the one a server gives."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its bounds, the names that stand for values, and whether `L` means the last day."""

    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    last: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """What a field allows, ascending. `every` when it is a bare `*`, or the same in other words.

    `from_end` counts days back from a month's last: `L` is 0, `L-3` three.
    """

    values: tuple[int, ...]
    every: bool = False
    from_end: tuple[int, ...] = ()


_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = {name: index + 1 for index, name in enumerate(_MONTH_NAMES)}
DAYS = {name: index for index, name in enumerate(_DAY_NAMES)}

SECOND = Field(0, 59)
MINUTE = Field(0, 59)
HOUR = Field(0, 23)
DAY_OF_MONTH = Field(1, 31, last=True)
MONTH = Field(1, 12, MONTHS)
DAY_OF_WEEK = Field(0, 7, DAYS)


def parse_field(text: str, spec: Field) -> Values:
    """The values of one field: lists, ranges, steps, names.

    Raises:
        CronError: not such a field.
    """
    if text in _EVERY:
        return Values(tuple(range(spec.low, spec.high + 1)), every=True)
    allowed: set[int] = set()
    from_end: set[int] = set()
    for item in text.split(","):
        counted = _FROM_END.fullmatch(item) if spec.last else None
        if counted is None:
            allowed.update(_item(item, spec))
        else:
            from_end.add(_value(counted[1], item, spec) if counted[1] else 0)
    if spec is DAY_OF_WEEK and 7 in allowed:
        allowed = (allowed - {7}) | {0}
    return Values(tuple(sorted(allowed)), from_end=tuple(sorted(from_end)))


def _item(item: str, spec: Field) -> range:
    _characters(item, spec)
    body, slash, step_text = item.partition("/")
    step = _step(step_text, spec) if slash else 1
    if body == "*" or (slash and not body):
        return range(spec.low, spec.high + 1, step)
    if body.startswith("-"):
        raise CronError(
            f"Failed to parse cron expression. Invalid expression! Expression: {item} does not describe a range. "
            "Negative numbers are not allowed."
        )
    first, dash, second = body.partition("-")
    low = _value(first, item, spec)
    if spec is DAY_OF_WEEK and slash and not dash and low == 7:
        low = 0  # steps begin with the week (seen)
    if not dash:
        return range(low, (spec.high if slash else low) + 1, step)
    high = _value(second, item, spec)
    if spec is DAY_OF_WEEK and first.upper() == "SUN":
        low = 7  # a week of names begins with Monday; the number 0 begins one as well (seen)
    if spec is DAY_OF_WEEK and second.upper() == "SUN":
        high = 7
    if low > high:
        raise CronError(f"Failed to parse cron expression. Invalid range! [{low},{high}]")
    return range(low, high + 1, step)


def _characters(item: str, spec: Field) -> None:
    if "#" in item:
        raise CronError(f"Failed to parse cron expression. Invalid expression: {item}")
    without = _NAME.sub(lambda match: "" if match[0].upper() in spec.names else match[0], item)
    wrong = "".join(dict.fromkeys(_CHARS.sub("", without)))
    if wrong or not item:
        raise CronError(
            f"Failed to parse cron expression. Invalid chars in expression! Expression: {item} Invalid chars: {wrong}"
        )


def _step(text: str, spec: Field) -> int:
    if not text.isdigit() or not 0 < int(text[:9]) <= spec.high:
        raise CronError(f"Failed to parse cron expression. Period {text} not in range [{spec.low}, {spec.high}]")
    return int(text[:9])


def _value(text: str, item: str, spec: Field) -> int:
    named = spec.names.get(text.upper())
    if named is not None:
        return named
    if not text.isdigit():
        raise CronError(f"Failed to parse cron expression. Invalid expression: {item}")
    number = int(text[:9])
    if not spec.low <= number <= spec.high:
        raise CronError(f"Failed to parse cron expression. Value {number} not in range [{spec.low}, {spec.high}]")
    return number
