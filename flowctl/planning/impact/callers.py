"""Who is hit when a flow changes: everybody that calls it, directly or through others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from flowctl.model.impact import CallerImpact, RuntimeRow
from flowctl.model.keys import FlowKey
from flowctl.planning.hazards.world import World


def callers_of(world: World, key: FlowKey) -> tuple[CallerImpact, ...]:
    """Direct and indirect callers once the plan is done, the nearest first, each once, with their next run."""
    found: dict[FlowKey, CallerImpact] = {}
    layer, depth = [key], 1
    while layer:
        following = []
        for called in layer:
            for call in world.callers(called):
                if call.caller not in found and call.caller != key:
                    next_run = _next_run(world, call.caller)
                    found[call.caller] = CallerImpact(call.caller, depth, call.relation, call.place, next_run)
                    following.append(call.caller)
        layer, depth = following, depth + 1
    return tuple(sorted(found.values(), key=lambda one: (one.depth, one.flow)))


def unseen_callers(world: World, callers: Sequence[CallerImpact]) -> Iterator[RuntimeRow]:
    """Where callers of callers may be missing, because the server does not tell them."""
    closed = sorted({one.flow.namespace for one in callers} & set(world.live.unasked))
    if closed:
        yield RuntimeRow("unseen", f"who calls flows of {', '.join(closed)} is not checkable, for it does not tell")


def _next_run(world: World, key: FlowKey) -> datetime | None:
    """The next scheduled run as the server planned it."""
    dates = [
        state.next_date for state in world.triggers(key).values() if state.next_date is not None and not state.disabled
    ]
    return min(dates, default=None)
