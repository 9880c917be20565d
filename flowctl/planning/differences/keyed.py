"""Lists whose items carry an `id`, as mappings: so that a task is compared with the task of the same name.

Only where both sides can be read so: every item a map with a text `id`, no id twice. Everything else stays a list.
"""

from __future__ import annotations

from flowctl.model.plan import FieldChange


class Item(str):
    """The key of a list item in a keyed mapping; a place writes it in brackets."""

    __slots__ = ()


def key_by_id(before: object, after: object) -> tuple[object, object]:
    """Both sides with their lists of items turned into mappings, recursively, wherever both sides allow it."""
    if isinstance(before, dict) and isinstance(after, dict):
        return _both(before, after)
    if isinstance(before, list) and isinstance(after, list):
        if (left := _by_id(before)) is not None and (right := _by_id(after)) is not None and (left or right):
            return _both(left, right)
        pairs = [key_by_id(one, other) for one, other in zip(before, after, strict=False)]
        return (
            [one for one, _ in pairs] + before[len(pairs) :],
            [other for _, other in pairs] + after[len(pairs) :],
        )
    return before, after


def _both(before: dict[str, object], after: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    left, right = dict(before), dict(after)
    for key in before.keys() & after.keys():
        left[key], right[key] = key_by_id(before[key], after[key])
    for mine, other in ((left, right), (right, left)):
        for key in mine.keys() - other.keys():
            _as_empty(key, mine, other)
    return left, right


def _as_empty(key: str, mine: dict[str, object], other: dict[str, object]) -> None:
    """A keyed list on one side alone is compared with an empty one, so that its items are named one by one."""
    value = mine[key]
    if isinstance(value, list) and (keyed := _by_id(value)):
        mine[key], other[key] = keyed, {}


def _by_id(items: list[object]) -> dict[str, object] | None:
    """The items by id; None when one has none, or two have the same."""
    keyed: dict[str, object] = {}
    for item in items:
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in keyed:
            return None
        keyed[Item(name)] = item
    return keyed


def place_of(path: tuple[str | int, ...]) -> str:
    """The place that a path through a keyed document names, such as `tasks[load].commands[2]`."""
    out = ""
    for step in path:
        if isinstance(step, (int, Item)):
            out += f"[{step}]"
        else:
            out += ("." if out else "") + str(step)
    return out


def reorders(before: object, after: object, path: tuple[str | int, ...] = ()) -> list[FieldChange]:
    """Every keyed list in which items that stand on both sides stand in another order."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    found: list[FieldChange] = []
    common = [key for key in before if key in after]
    if any(isinstance(key, Item) for key in common):
        wanted = [key for key in after if key in before]
        if wanted != common:
            found.append(FieldChange(place_of(path), "reorder", [str(k) for k in common], [str(k) for k in wanted]))
    for key in common:
        found += reorders(before[key], after[key], (*path, key))
    return found


def unkeyed(value: object) -> object:
    """Plain JSON data again: a keyed mapping is a list."""
    if isinstance(value, dict):
        if value and all(isinstance(key, Item) for key in value):
            return [unkeyed(item) for item in value.values()]
        return {str(key): unkeyed(item) for key, item in value.items()}
    return [unkeyed(item) for item in value] if isinstance(value, list) else value
