"""What apply would hold back (`--quiet-window`) or drain (`--drain`), as it looks when the plan is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flowctl.model.activity import Activity
from flowctl.model.holding import held_together
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.plan import Action, Change, Plan
from flowctl.planning.request import PlanRequest


def attach_holds(plan: Plan, request: PlanRequest) -> Plan:
    """The plan whose changes say what they would wait for. What a server does not tell is asked again by apply."""
    window, drain = request.options.quiet_window, request.options.drain
    if window is None and not drain:
        return plan
    changes = [replace(change, drain=drain and _goes(change)) for change in plan.changes]
    activity = _activity(request)
    busy: dict[ObjectKey, str] = {}
    for change in changes:
        if isinstance(change.key, FlowKey) and change.action in (Action.UPDATE, Action.DELETE):
            if change.drain:
                why = activity.running(change.key)
            else:
                why = "" if window is None else activity.busy(change.key, request.now, timedelta(seconds=window))
            busy |= {change.key: why} if why else {}
    held = held_together(changes, busy)
    done = tuple(replace(change, hold=held.get(change.key, "")) for change in changes)
    return replace(plan, changes=done, quiet_window=window)


def _goes(change: Change) -> bool:
    return isinstance(change.key, FlowKey) and change.action is Action.DELETE


def _activity(request: PlanRequest) -> Activity:
    """A flow that is disabled on the server does not fire."""
    flows = request.live.flows
    awake = (one for one in request.live.triggers if one.flow not in flows or not flows[one.flow].disabled)
    return Activity(request.live.executions or {}, tuple(awake))
