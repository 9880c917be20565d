"""Executions as JSON, in the shapes of both generations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.engine.api.dialects import Dialect
from flowctl.engine.executor.records.durations import iso
from flowctl.engine.executor.records.records import Attempt, Execution, History, TaskRun
from flowctl.engine.executor.records.secretplaces import (
    shown_inputs,
    shown_outputs,
    shown_run_outputs,
    shown_trigger,
)
from flowctl.engine.executor.records.states import CREATED, PAUSED, TERMINAL
from flowctl.engine.executor.records.times import iso_time

TENANT = "main"
Json = dict[str, object]
Variables = Callable[[Execution], Mapping[str, object]]
"""What gives the variables of an execution: those of its flow with what its tasks made of them."""


def state_json(history: History) -> Json:
    """A state with its history; end and duration once it is final, or PAUSED (as seen on real servers)."""
    current = history[-1][0]
    found: Json = {
        "current": current,
        "histories": [{"state": state, "date": iso_time(at)} for state, at in history],
        "startDate": iso_time(history[0][1]),
    }
    if current in TERMINAL or current == PAUSED:
        found["endDate"] = iso_time(history[-1][1])
        found["duration"] = iso(history[-1][1] - history[0][1])
    return found


def _attempt(attempt: Attempt) -> Json:
    found: Json = {"state": state_json(attempt.history)}
    if attempt.worker is not None:
        found["workerId"] = attempt.worker
    if attempt.log_file is not None:
        found["logFile"] = attempt.log_file
    return found


def task_run_json(run: TaskRun) -> Json:
    """What every shape of a task run has."""
    found: Json = {"id": run.id, "taskId": run.task_id, "state": state_json(run.history)}
    if run.attempts:
        found["attempts"] = [_attempt(attempt) for attempt in run.attempts]
    for name, value in (("parentTaskRunId", run.parent_id), ("value", run.value), ("iteration", run.iteration)):
        if value is not None:
            found[name] = value
    return found


def _whole_run(execution: Execution, run: TaskRun, outputs: object) -> Json:
    return task_run_json(run) | {
        "executionId": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "outputs": outputs,
    }


def light_json(execution: Execution) -> Json:
    """A row of a listing in 2.0, and what all shapes have in common."""
    found: Json = {
        "id": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.revision,
        "labels": [{"key": key, "value": value} for key, value in execution.labels],
        "originalId": execution.original_id or execution.id,
        "state": state_json(execution.history),
    }
    optional = {
        "inputs": shown_inputs(execution),
        "outputs": shown_outputs(execution),
        "trigger": shown_trigger(execution),
        "parentId": _parent(execution),
        "kind": execution.kind,
        "loopRun": execution.loop_run,
        "scheduleDate": iso_time(execution.schedule_date) if execution.schedule_date is not None else None,
    }
    return found | {name: value for name, value in optional.items() if value}


def _parent(execution: Execution) -> str | None:
    """What it replays or is an iteration of. A Subflow's execution names its parent among the trigger's variables alone
    (seen on a real 1.3 and 2.0)."""
    variables = (execution.trigger or {}).get("variables")
    starter = variables.get("executionId") if isinstance(variables, dict) else None
    return None if execution.loop_run is None and execution.parent_id == starter else execution.parent_id


def _breakpoints(execution: Execution) -> list[Json]:
    points = execution.memo.get("breakpoints")
    parts = [str(point).partition(".") for point in points] if isinstance(points, list) else []
    rows: list[Json] = [{"id": id_, "value": value} if value else {"id": id_} for id_, _, value in parts]
    return rows


def _whole(execution: Execution, variables: Variables) -> Json:
    found = light_json(execution)
    found["metadata"] = {
        "attemptNumber": execution.attempt_number,
        "originalCreatedDate": iso_time(execution.original_created or execution.history[0][1]),
    }
    if points := _breakpoints(execution):
        found["breakpoints"] = points
    if shown := variables(execution):
        found["variables"] = shown
    return found


def read_json(execution: Execution, dialect: Dialect, variables: Variables) -> Json:
    """The answer to a read."""
    found = _whole(execution, variables)
    if dialect.name == "1.3":
        found["deleted"] = False
    else:
        found["tenantId"] = TENANT
    if dialect.name == "lenient":
        found["deleted"] = False
    if execution.runs:
        modern = dialect.name == "2.0"
        found["taskRunList"] = [
            task_run_json(run) if modern else _whole_run(execution, run, shown_run_outputs(run))
            for run in execution.runs.values()
        ]
    return found


def answer_json(execution: Execution, dialect: Dialect, variables: Variables) -> Json:
    """The answer to a start or an action."""
    found = _whole(execution, variables)
    found["deleted"] = False
    if execution.runs or execution.state != CREATED or execution.parent_id:
        found["taskRunList"] = [
            _whole_run(execution, run, None if dialect.name == "2.0" else shown_run_outputs(run))
            for run in execution.runs.values()
        ]
    return found


def row_json(execution: Execution, dialect: Dialect, variables: Variables) -> Json:
    """A row of a listing: light in 2.0, whole in 1.3; lenient adds what a light one lacks, task runs apart."""
    if dialect.name == "1.3":
        return read_json(execution, dialect, variables)
    if dialect.name == "2.0":
        return light_json(execution) | {"tenantId": TENANT}
    return _whole(execution, lambda one: one.variables) | {"tenantId": TENANT, "deleted": False}


def with_url(found: Json, base: str) -> Json:
    """The answer to a start has an address for people."""
    path = f"/ui/{TENANT}/executions/{found['namespace']}/{found['flowId']}/{found['id']}"
    return found | {"url": base + path}


def outputs_json(execution: Execution) -> list[Json]:
    """The listing of an execution's task outputs (2.0)."""
    rows: list[Json] = []
    for run in execution.runs.values():
        if run.outputs:
            row: Json = {"taskId": run.task_id, "taskRunId": run.id, "inline": True}
            row |= {
                name: value for name, value in (("value", run.value), ("iteration", run.iteration)) if value is not None
            }
            rows.append(row)
    return rows
