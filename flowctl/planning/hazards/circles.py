"""Flows that start each other without end: by subflows and Flow triggers together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from flowctl.language.cycles import circle
from flowctl.model.keys import FlowKey
from flowctl.planning.ordering.callers import Call
from flowctl.planning.ordering.graph import components


def circles_of(calls: Mapping[FlowKey, Iterable[Call]]) -> dict[FlowKey, tuple[FlowKey, ...]]:
    """Each flow of a circle with the circle. `calls` are by the flow that is called.

    A caller starts its subflow; a flow that a trigger names starts the flow with the trigger. A circle of subflows
    alone is an infinite recursion which a server stops itself, and no matter of triggers.
    """
    starts: dict[FlowKey, list[FlowKey]] = defaultdict(list)
    by_trigger: set[tuple[FlowKey, FlowKey]] = set()
    for call in (call for of_one in calls.values() for call in of_one):
        starter, started = (call.called, call.caller) if call.relation == "trigger" else (call.caller, call.called)
        starts[starter].append(started)
        if call.relation == "trigger":
            by_trigger.add((starter, started))
    if not by_trigger:
        return {}
    return dict(_circles(starts, by_trigger))


def _circles(
    starts: Mapping[FlowKey, list[FlowKey]], by_trigger: set[tuple[FlowKey, FlowKey]]
) -> Iterator[tuple[FlowKey, tuple[FlowKey, ...]]]:
    for part in components(sorted(starts), starts):
        members = set(part)
        if any(starter in members and started in members for starter, started in by_trigger):
            shown = tuple(circle(min(part), {key: starts.get(key, ()) for key in members}))
            yield from ((key, shown) for key in part)
