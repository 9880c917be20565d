"""`policy.ignore`: places whose differences do not count, because somebody else looks after them.

A pattern is a place in which `*` stands for anything up to the next dot or bracket, `**` for anything:
`triggers[*].disabled`, `labels.**`. With `NS/ID:` in front (globs too) it holds for those flows only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from flowctl.model.keys import FlowKey
from flowctl.planning.differences.explain import same
from flowctl.planning.selection import matches


def patterns_for(key: FlowKey, ignore: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """The patterns that hold for one flow."""
    found = []
    for entry in ignore:
        flows, colon, place = entry.rpartition(":")
        if not colon or matches(key, (flows,)):
            found.append(_compiled(place))
    return tuple(found)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", pattern)
    words = {"**": ".*", "*": r"[^.\[\]]*"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts))


def ignored(place: str, patterns: Iterable[re.Pattern[str]]) -> bool:
    """Whether a place is named by one of the patterns."""
    return any(pattern.fullmatch(place) for pattern in patterns)


def neutral(value: object, patterns: tuple[re.Pattern[str], ...], place: str = "") -> object:
    """A document without its ignored places."""
    if isinstance(value, dict):
        inner = {key: (f"{place}.{key}" if place else str(key)) for key in value}
        return {k: neutral(v, patterns, inner[k]) for k, v in value.items() if not ignored(inner[k], patterns)}
    if isinstance(value, list):
        named = [(f"{place}[{_name(item, index)}]", item) for index, item in enumerate(value)]
        return [neutral(item, patterns, at) for at, item in named if not ignored(at, patterns)]
    return value


def _name(item: object, index: int) -> str:
    name = item.get("id") if isinstance(item, dict) else None
    return name if isinstance(name, str) else str(index)


def equal_apart_from(before: object, after: object, patterns: tuple[re.Pattern[str], ...]) -> bool:
    """Whether two documents differ at ignored places only."""
    return bool(patterns) and same(neutral(before, patterns), neutral(after, patterns))
