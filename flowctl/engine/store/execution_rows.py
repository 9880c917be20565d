"""Executions and task runs as JSON: the codec between the executor's records and the store's rows.

Values of SECRET inputs are left out: `******` stands in their place.
"""

from __future__ import annotations

from typing import Any

from flowctl.engine.executor.records.records import Attempt, Execution, TaskRun
from flowctl.engine.executor.records.secretinputs import SECRETS, concealed
from flowctl.engine.store.jsontext import dump, load

COLUMNS = (
    "id, namespace, flow_id, revision, kind, shown, parent_id, trigger_id, state, created_us, started_us, ended_us, "
    "version, document"
)
LOOP = "LOOP"


def execution_row(execution: Execution) -> tuple[object, ...]:
    """The values of `COLUMNS`."""
    trigger = execution.trigger or {}
    return (
        execution.id,
        execution.namespace,
        execution.flow_id,
        execution.revision,
        execution.kind,
        execution.kind != LOOP,
        execution.parent_id,
        trigger.get("id"),
        execution.state,
        execution.history[0][1],
        execution.started,
        execution.history[-1][1] if execution.terminal else None,
        execution.version,
        dump(_document(execution)),
    )


def _document(execution: Execution) -> dict[str, object]:
    inputs = concealed(execution.memo.get(SECRETS), execution.inputs)
    whole: dict[str, object] = {
        "history": execution.history,
        "inputs": inputs,
        "labels": execution.labels,
        "variables": execution.variables,
        "unset": execution.unset,
        "outputs": execution.outputs,
        "trigger": execution.trigger,
        "original_id": execution.original_id,
        "waiter": execution.waiter,
        "loop_run": execution.loop_run,
        "attempt_number": execution.attempt_number,
        "original_created": execution.original_created,
        "schedule_date": execution.schedule_date,
        "memo": execution.memo,
    }
    return {name: value for name, value in whole.items() if value is not None and value != [] and value != {}} | (
        {"inputs": inputs} if inputs is not None else {}
    )


def execution_of(row: tuple[Any, ...]) -> Execution:
    """An execution without its task runs from `COLUMNS`."""
    # JSON that this module wrote; its members have the types of the record's fields
    document: Any = load(row[13])
    waiter = document.get("waiter")
    return Execution(
        id=row[0],
        namespace=row[1],
        flow_id=row[2],
        revision=row[3],
        kind=row[4],
        parent_id=row[6],
        version=row[12],
        history=[(state, at) for state, at in document["history"]],
        inputs=document.get("inputs"),
        labels=[(key, value) for key, value in document.get("labels", ())],
        variables=document.get("variables", {}),
        unset=document.get("unset", []),
        outputs=document.get("outputs"),
        trigger=document.get("trigger"),
        original_id=document.get("original_id", row[0]),
        waiter=(waiter[0], waiter[1]) if waiter else None,
        loop_run=document.get("loop_run"),
        attempt_number=document.get("attempt_number", 1),
        original_created=document.get("original_created", 0),
        schedule_date=document.get("schedule_date"),
        memo=document.get("memo", {}),
    )


def as_stored(execution: Execution) -> Execution:
    """An execution without its task runs, as it is when it is read again."""
    return execution_of(execution_row(execution))


def _attempt_row(attempt: Attempt) -> list[object]:
    found: list[object] = [attempt.history, attempt.worker]
    return found if attempt.log_file is None else [*found, attempt.log_file]


def run_row(execution_id: str, run: TaskRun) -> tuple[object, ...]:
    """The values of `execution_id, position, id, document, outputs` of the table `task_runs`."""
    document: dict[str, object] = {"task": run.task_id, "history": run.history}
    for name, value in (("parent", run.parent_id), ("value", run.value), ("iteration", run.iteration)):
        if value is not None:
            document[name] = value
    if run.attempts:
        document["attempts"] = [_attempt_row(attempt) for attempt in run.attempts]
    if run.memo:
        document["memo"] = run.memo
    outputs = concealed(run.memo.get(SECRETS), run.outputs)
    return execution_id, run.position, run.id, dump(document), dump(outputs) if outputs else None


def run_of(position: int, id_: str, data: bytes, outputs: bytes | None) -> TaskRun:
    """A task run from its row."""
    document: Any = load(data)
    stored: Any = load(outputs) if outputs else {}
    return TaskRun(
        id=id_,
        task_id=document["task"],
        parent_id=document.get("parent"),
        history=[(state, at) for state, at in document["history"]],
        value=document.get("value"),
        iteration=document.get("iteration"),
        attempts=[Attempt([(s, at) for s, at in history], *rest) for history, *rest in document.get("attempts", ())],
        outputs=stored,
        memo=document.get("memo", {}),
        position=position,
    )
