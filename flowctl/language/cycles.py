"""Circles among things that need each other: members of a Dag, inputs, flows. Linear in the number of dependencies."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


def stuck(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Those that are in a circle or wait for one, in order. Needs that are not there are met."""
    waiting = {name: {one for one in wanted if one in needs} for name, wanted in needs.items()}
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, wanted in waiting.items():
        for one in wanted:
            needed_by[one].append(name)
    free = [name for name, wanted in waiting.items() if not wanted]
    while free:
        done = free.pop()
        for name in needed_by[done]:
            waiting[name].discard(done)
            if not waiting[name]:
                free.append(name)
    return [name for name, wanted in waiting.items() if wanted]


def circle(start: Name, needs: Mapping[Name, Sequence[Name]]) -> list[Name]:
    """A shortest circle through `start`, itself first; empty when it is in none."""
    came_from: dict[Name, Name] = {}
    layer = [start]
    while layer:
        following = []
        for name in layer:
            for wanted in needs.get(name, ()):
                if wanted == start:
                    return _trail(start, name, came_from)
                if wanted in needs and wanted not in came_from:
                    came_from[wanted] = name
                    following.append(wanted)
        layer = following
    return []


def _trail(start: Name, last: Name, came_from: Mapping[Name, Name]) -> list[Name]:
    trail = [last]
    while trail[-1] != start:
        trail.append(came_from[trail[-1]])
    return trail[::-1]
