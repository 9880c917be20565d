"""Places inside a flow: `tasks[load].commands[2]`, an item of a list by its `id` where it has one."""

from __future__ import annotations

import re
from collections.abc import Sequence

_STEP = re.compile(r"\[(?P<item>[^\[\]]+)\]|(?:^|(?<=.)\.)(?P<key>[^.\[\]]+)")


class PlaceError(ValueError):
    """A text that is no place, or one that is not there; the message says which."""


def format_place(value: object, path: Sequence[str | int]) -> str:
    """The place that a path of keys and indices names in a document's value."""
    out, here = "", value
    for step in path:
        if isinstance(step, int):
            item = here[step] if isinstance(here, list) and 0 <= step < len(here) else None
            name = item.get("id") if isinstance(item, dict) else None
            out += f"[{name if isinstance(name, str) else step}]"
            here = item
        else:
            out += ("." if out else "") + step
            here = here.get(step) if isinstance(here, dict) else None
    return out


def check_place(place: str) -> None:
    """Refuse a text that cannot be a place, wherever it might be looked for.

    Raises:
        PlaceError: the text is empty or malformed.
    """
    if not place or place.startswith("["):
        raise PlaceError("it must begin with a key" if place else "it is empty")
    at = 0
    while at < len(place):
        match = _STEP.match(place, at)
        if match is None or (match["key"] and at and place[at] != "."):
            raise PlaceError(f"unexpected `{place[at]}` at character {at + 1}")
        at = match.end()


def parse_place(value: object, place: str) -> tuple[str | int, ...]:
    """The path of keys and indices that a place names in a document's value: the inverse of `format_place`.

    Keys that hold dots are found as well: the longest key that fits is tried first.

    Raises:
        PlaceError: the place is malformed, or not there.
    """
    check_place(place)
    found = _find(value, place)
    if found is None:
        raise PlaceError(f"there is no {place}")
    return found


def _find(value: object, rest: str) -> tuple[str | int, ...] | None:
    if not rest:
        return ()
    if isinstance(value, list):
        return _find_item(value, rest)
    if not isinstance(value, dict):
        return None
    rest = rest.removeprefix(".")
    for key in sorted((key for key in value if rest.startswith(key)), key=len, reverse=True):
        after = rest[len(key) :]
        if not after or after[0] in ".[":
            below = _find(value[key], after)
            if below is not None:
                return (key, *below)
    return None


def _find_item(items: list[object], rest: str) -> tuple[str | int, ...] | None:
    if not rest.startswith("[") or "]" not in rest:
        return None
    name, _, after = rest[1:].partition("]")
    index = next((i for i, item in enumerate(items) if isinstance(item, dict) and item.get("id") == name), None)
    if index is None and name.isdigit() and int(name) < len(items):
        index = int(name)
    below = _find(items[index], after) if index is not None else None
    return (index, *below) if index is not None and below is not None else None
