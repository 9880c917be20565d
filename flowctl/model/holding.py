"""What has to wait together with a flow that is not quiet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.plan import Change


def held_together(changes: Sequence[Change], busy: Mapping[ObjectKey, str]) -> dict[ObjectKey, str]:
    """Why each of these changes is held back: `busy` has the reasons of its own, the others follow from those.

    With a flow waits what depends on it, the other half of its move (or both would run), a flow that it calls whose
    interface breaks, because the plan counts on both changing together, and a flow that goes and that it may call yet.
    """
    held = dict(busy)
    bound = _bound(changes)
    waiting = list(held)
    while waiting:
        key = waiting.pop()
        for other in bound.get(key, ()):
            if other not in held:
                held[other] = f"waits with {key.address}"
                waiting.append(other)
    return held


def circle_of(key: ObjectKey, changes: Sequence[Change]) -> tuple[ObjectKey, ...]:
    """Those of the changes that call a flow and are called by it, itself among them; none when it is in no circle."""
    callers = {change.key: change.called_by for change in changes}
    above = _upwards(key, callers)
    return tuple(one for one in callers if one in above and key in _upwards(one, callers))


def _upwards(key: ObjectKey, callers: Mapping[ObjectKey, Sequence[ObjectKey]]) -> set[ObjectKey]:
    """Everything that calls a flow, directly or not."""
    found, waiting = set[ObjectKey](), [key]
    while waiting:
        new = set(callers.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _bound(changes: Sequence[Change]) -> dict[ObjectKey, list[ObjectKey]]:
    """Object → what is held when it is."""
    found: dict[ObjectKey, list[ObjectKey]] = {}
    for key, other in _ties({change.key: change for change in changes}):
        found.setdefault(key, []).append(other)
    return found


def _ties(changes: Mapping[ObjectKey, Change]) -> Iterator[tuple[ObjectKey, ObjectKey]]:
    for key, change in changes.items():
        for need in change.depends_on:
            if need in changes:
                yield need, key
                if _breaks(changes[need]):
                    yield key, need
        yield from ((caller, key) for caller in change.called_by if caller in changes)
        half = change.moved_from or change.moved_to
        if half is not None and half in changes:
            yield half, key


def _breaks(change: Change) -> bool:
    return isinstance(change.key, FlowKey) and any(one.grade == "breaking" for one in change.impact.contract)
