"""What of a flow never runs because it is disabled."""

from __future__ import annotations

from flowctl.flowtext.places import PlaceError, parse_place
from flowctl.language.findings import Path
from flowctl.language.flags import is_on


def asleep(flow: object, place: str) -> bool:
    """Whether a flow, what is at a place of it, or something around that is disabled."""
    try:
        return asleep_at(flow, parse_place(flow, place))
    except PlaceError:
        return False


def asleep_at(flow: object, path: Path) -> bool:
    """The same for a path."""
    value = flow
    for step in path:
        if _off(value):
            return True
        value = value.get(step) if isinstance(value, dict) else value[int(step)] if isinstance(value, list) else None
    return _off(value)


def _off(value: object) -> bool:
    return isinstance(value, dict) and is_on(value.get("disabled"))
