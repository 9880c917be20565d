"""Places inside a flow: `tasks[load].commands[2]`, an item of a list by its `id` where it has one."""

from __future__ import annotations

from collections.abc import Sequence


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
