"""Each change of a flow with its impact."""

from __future__ import annotations

from dataclasses import replace

from flowctl.model.impact import Impact
from flowctl.model.keys import FlowKey
from flowctl.model.plan import Change, Plan
from flowctl.planning.hazards.world import Subject, World
from flowctl.planning.impact.callers import Callers, unseen_callers
from flowctl.planning.impact.contract import contract_changes
from flowctl.planning.impact.runtime import runtime_rows
from flowctl.planning.impact.schedules import schedules_of
from flowctl.planning.impact.tasks import task_graph


def attach_impact(plan: Plan, world: World) -> Plan:
    """The plan whose changes of flows say what they do beyond their text."""
    subjects = {subject.key: subject for subject in world.subjects()}
    callers = Callers(world)
    return replace(plan, changes=tuple(_with_impact(change, subjects, world, callers) for change in plan.changes))


def _with_impact(change: Change, subjects: dict[FlowKey, Subject], world: World, known: Callers) -> Change:
    subject = subjects.get(change.key) if isinstance(change.key, FlowKey) else None
    if subject is None:
        return change
    callers = known.of(subject.key)
    impact = Impact(
        schedules_of(world, subject),
        callers,
        contract_changes(subject.before, subject.after),
        (*unseen_callers(world, callers), *runtime_rows(world, subject)),
        None if subject.starts or subject.goes else task_graph(subject.before, subject.after),
    )
    return change if impact.empty else replace(change, impact=impact)
