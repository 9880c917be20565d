"""What of a flow never runs because it is disabled."""

from __future__ import annotations

from flowctl.flowtext.places import PlaceError, parse_place
from flowctl.language.flags import is_on


def asleep(flow: object, place: str) -> bool:
    """Whether what is at a place of a flow is disabled, or something around it is."""
    try:
        path = parse_place(flow, place)
    except PlaceError:
        return False
    value = flow
    for step in path:
        value = value.get(step) if isinstance(value, dict) else value[int(step)] if isinstance(value, list) else None
        if isinstance(value, dict) and is_on(value.get("disabled")):
            return True
    return False
