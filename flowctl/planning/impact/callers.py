"""Who is hit when a flow changes: everybody that calls it, directly or through others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowctl.model.impact import CallerImpact, RuntimeRow
from flowctl.model.keys import FlowKey
from flowctl.planning.hazards.world import World


@dataclass(slots=True, eq=False)
class _Node:
    """A flow with what is asked of it again and again: its next scheduled run, and who calls it, how and where."""

    key: FlowKey
    next_run: datetime | None
    callers: Sequence[_Call] | None = None


_Call = tuple[_Node, str, str]


class Callers:
    """The callers of every flow once the plan is done. Each flow is looked at once, however many are asked for: among
    thousands of changed flows that call each other in a row, most are callers of most."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nodes: dict[FlowKey, _Node] = {}

    def of(self, key: FlowKey) -> tuple[CallerImpact, ...]:
        """Direct and indirect callers, the nearest first, each once, with their next run."""
        start = self._node(key)
        seen, layer, depth, found = {start}, [start], 1, list[CallerImpact]()
        while layer:
            calls = list[_Call]()
            for called in layer:
                for call in called.callers if called.callers is not None else self._look_up(called):
                    if call[0] not in seen:
                        seen.add(call[0])
                        calls.append(call)
            layer = [call[0] for call in calls]
            if len(calls) > 1:
                calls.sort(key=_flow_of)
            found += [CallerImpact(one.key, depth, relation, place, one.next_run) for one, relation, place in calls]
            depth += 1
        return tuple(found)

    def _look_up(self, node: _Node) -> Sequence[_Call]:
        calls = self._world.callers(node.key)
        node.callers = [(self._node(call.caller), call.relation, call.place) for call in calls]
        return node.callers

    def _node(self, key: FlowKey) -> _Node:
        if key not in self._nodes:
            self._nodes[key] = _Node(key, _next_run(self._world, key))
        return self._nodes[key]


def _flow_of(call: _Call) -> FlowKey:
    return call[0].key


def unseen_callers(world: World, callers: Sequence[CallerImpact]) -> Iterator[RuntimeRow]:
    """Where callers of callers may be missing, because the server does not tell them."""
    if not world.live.unasked:
        return
    closed = sorted({one.flow.namespace for one in callers} & set(world.live.unasked))
    if closed:
        yield RuntimeRow("unseen", f"who calls flows of {', '.join(closed)} is not checkable, for it does not tell")


def _next_run(world: World, key: FlowKey) -> datetime | None:
    """The next scheduled run as the server planned it."""
    dates = [
        state.next_date for state in world.triggers(key).values() if state.next_date is not None and not state.disabled
    ]
    return min(dates, default=None)
