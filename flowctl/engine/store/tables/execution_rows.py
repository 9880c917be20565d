"""Executions and task runs as JSON: the codec between the executor's records and the store's rows.

Of a sealed execution the document has only what tells its way; what it was given and what it made are sealed beside it.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from flowctl.engine.executor.records.records import Attempt, Execution, TaskRun
from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.sealed import EXECUTIONS, TASK_RUNS, close, opened

COLUMNS = (
    "id, namespace, flow_id, revision, kind, shown, parent_id, trigger_id, state, created_us, started_us, ended_us, "
    "version, document, key_id, sealed"
)
LOOP = "LOOP"
PRIVATE = ("inputs", "variables", "unset", "outputs", "trigger", "loop_run", "memo")
"""What of an execution's document is sealed."""


def execution_row(connection: sqlite3.Connection, execution: Execution) -> tuple[object, ...]:
    """The values of `COLUMNS`."""
    document = _document(execution)
    if not execution.sealed:
        return (*_columns(execution), dump(document), None, None)
    assert execution.lost is None, "what could not be read must not be written"
    private = {name: document.pop(name) for name in PRIVATE if name in document}
    key_id, data = close(connection, EXECUTIONS, (execution.id,), dump(private))
    return (*_columns(execution), dump(document), key_id, data)


def _columns(execution: Execution) -> tuple[object, ...]:
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
    )


def _document(execution: Execution) -> dict[str, object]:
    inputs = execution.inputs
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


def execution_of(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Execution:
    """An execution without its task runs from `COLUMNS`."""
    if row[14] is None:
        return _execution(row, load(row[13]))
    found = opened(connection, EXECUTIONS, (row[0],), row[14], row[15])
    document: Any = load(row[13])
    private: Any = load(found) if found else {}
    execution = _execution(row, document | private)
    execution.sealed, execution.lost = True, None if found else row[14]
    return execution


def _execution(row: tuple[Any, ...], document: Any) -> Execution:
    # JSON that this module wrote; its members have the types of the record's fields
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
    found = _execution(_columns(execution), load(dump(_document(execution))))
    found.sealed = execution.sealed
    return found


def _attempt_row(attempt: Attempt) -> list[object]:
    found: list[object] = [attempt.history, attempt.worker]
    return found if attempt.log_file is None else [*found, attempt.log_file]


def run_row(connection: sqlite3.Connection, execution: Execution, run: TaskRun) -> tuple[object, ...]:
    """The values of `execution_id, position, id, document, outputs, key_id, sealed` of the table `task_runs`."""
    document: dict[str, object] = {"task": run.task_id, "history": run.history}
    for name, value in (("parent", run.parent_id), ("value", run.value), ("iteration", run.iteration)):
        if value is not None:
            document[name] = value
    if run.attempts:
        document["attempts"] = [_attempt_row(attempt) for attempt in run.attempts]
    if run.memo:
        document["memo"] = run.memo
    place = (execution.id, run.position)
    if not execution.sealed:
        return (*place, run.id, dump(document), dump(run.outputs) if run.outputs else None, None, None)
    private = {name: document.pop(name) for name in ("value", "memo") if name in document} | {"outputs": run.outputs}
    key_id, sealed = close(connection, TASK_RUNS, place, dump(private))
    return (*place, run.id, dump(document), None, key_id, sealed)


def run_of(connection: sqlite3.Connection, execution: Execution, row: tuple[Any, ...]) -> TaskRun:
    """A task run from its row, `position, id, document, outputs, key_id, sealed`."""
    position, id_, data, outputs, key_id, sealed = row
    document: Any = load(data)
    stored: Any = load(outputs) if outputs else {}
    if key_id is not None:
        found = opened(connection, TASK_RUNS, (execution.id, position), key_id, sealed)
        execution.lost = execution.lost if found else key_id
        private: Any = load(found) if found else {}
        document |= private
        stored = document.get("outputs", {})
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
