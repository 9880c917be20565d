"""What a change does, to JSON data and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flowctl.model.impact import (
    CallerImpact,
    ContractChange,
    Impact,
    RuntimeRow,
    ScheduleImpact,
    TaskEdge,
    TaskGraph,
    TaskMark,
    TaskNode,
)
from flowctl.model.keys import FlowKey
from flowctl.planfile.members import Members, malformed

Json = dict[str, Any]  # JSON members are of any type


def encode_impact(impact: Impact) -> Json | None:
    """The members of an impact; None when there is nothing to say."""
    if impact.empty:
        return None
    found: Json = {
        "schedules": [_schedule(one) for one in impact.schedules],
        "callers": [_caller(one) for one in impact.callers],
        "contract": [{"grade": one.grade, "text": one.text} for one in impact.contract],
        "runtime": [{"kind": one.kind, "text": one.text, "count": one.count} for one in impact.runtime],
    }
    if impact.tasks is not None:
        found["tasks"] = _tasks(impact.tasks)
    return {name: items for name, items in found.items() if items}


def _tasks(graph: TaskGraph) -> Json:
    nodes = [{"id": node.id, "type": node.type, "mark": node.mark.value} for node in graph.nodes]
    edges = [{"source": edge.source, "target": edge.target, "mark": edge.mark.value} for edge in graph.edges]
    return {"nodes": nodes, "edges": edges}


def _schedule(one: ScheduleImpact) -> Json:
    found: Json = {
        "trigger": one.trigger,
        "effect": one.effect,
        "cronBefore": one.cron_before,
        "cronAfter": one.cron_after,
        "before": _times(one.before),
        "after": _times(one.after),
        "dailyBefore": one.daily_before,
        "dailyAfter": one.daily_after,
        "lost": _times(one.lost),
        "added": _times(one.added),
        "today": one.today,
        "clockChanges": list(one.clock_changes),
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def _times(times: tuple[datetime, ...]) -> list[str]:
    return [at.isoformat() for at in times]


def _caller(one: CallerImpact) -> Json:
    found: Json = {"flow": one.flow.address, "depth": one.depth, "relation": one.relation, "place": one.place}
    return found | ({"nextRun": one.next_run.isoformat()} if one.next_run is not None else {})


def decode_impact(members: Members) -> Impact:
    """The inverse.

    Raises:
        PlanError: P202, a member is missing or of the wrong kind.
    """
    return Impact(
        members.each("schedules", _read_schedule),
        members.each("callers", _read_caller),
        members.each("contract", lambda one: ContractChange(one.need("grade", str), one.need("text", str))),
        members.each(
            "runtime", lambda one: RuntimeRow(one.need("kind", str), one.need("text", str), one.need("count", int))
        ),
        members.inner("tasks", _read_tasks),
    )


def _read_tasks(members: Members) -> TaskGraph:
    return TaskGraph(
        members.each("nodes", lambda one: TaskNode(one.need("id", str), one.text("type"), _mark(one))),
        members.each("edges", lambda one: TaskEdge(one.need("source", str), one.need("target", str), _mark(one))),
    )


def _mark(members: Members) -> TaskMark:
    try:
        return TaskMark(members.need("mark", str))
    except ValueError:
        raise malformed(f"{members.where}.mark", "is no mark of a task") from None


def _read_schedule(members: Members) -> ScheduleImpact:
    return ScheduleImpact(
        trigger=members.need("trigger", str),
        effect=members.need("effect", str),
        cron_before=members.text("cronBefore"),
        cron_after=members.text("cronAfter"),
        before=_read_times(members, "before"),
        after=_read_times(members, "after"),
        daily_before=_number(members, "dailyBefore"),
        daily_after=_number(members, "dailyAfter"),
        lost=_read_times(members, "lost"),
        added=_read_times(members, "added"),
        today=members.text("today"),
        clock_changes=members.texts("clockChanges"),
    )


def _number(members: Members, name: str) -> float:
    value = members.data.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise malformed(f"{members.where}.{name}", "is not a number")
    return float(value)


def _read_times(members: Members, name: str) -> tuple[datetime, ...]:
    try:
        return tuple(datetime.fromisoformat(text) for text in members.texts(name))
    except ValueError:
        raise malformed(f"{members.where}.{name}", "is no list of points in time") from None


def _read_caller(members: Members) -> CallerImpact:
    key = members.key("flow")
    if not isinstance(key, FlowKey):
        raise malformed(f"{members.where}.flow", "is no flow")
    return CallerImpact(
        key,
        members.need("depth", int),
        members.need("relation", str),
        members.text("place"),
        members.maybe_time("nextRun"),
    )
