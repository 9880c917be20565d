"""Executions, task runs, triggers and secrets as flat rows, whichever generation of the API answered.

Dates and durations are as the server writes them: programs read them, and tables shorten them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

Row = Mapping[str, object]
EXECUTION_COLUMNS = ("id", "flow", "revision", "state", "started", "took")
TASK_COLUMNS = ("task", "value", "state", "attempts", "took")
TRIGGER_COLUMNS = ("flow", "trigger", "type", "disabled", "next", "last", "backfill", "paused")
SECRET_COLUMNS = ("namespace", "key", "description")


def execution_row(execution: Row) -> dict[str, object]:
    """One execution."""
    state = _map(execution.get("state"))
    return {
        "id": execution.get("id"),
        "flow": f"{execution.get('namespace')}/{execution.get('flowId')}",
        "revision": execution.get("flowRevision"),
        "state": state.get("current"),
        "started": state.get("startDate"),
        "took": state.get("duration"),
    }


def task_rows(execution: Row) -> list[dict[str, object]]:
    """Its task runs, nested ones behind their parents and indented, whatever order the server lists them in."""
    runs = [run for run in _list(execution.get("taskRunList")) if isinstance(run, dict)]
    ids = {run.get("id") for run in runs}
    below: dict[object, list[Row]] = {}
    for run in runs:
        parent = run.get("parentTaskRunId")
        below.setdefault(parent if parent in ids else None, []).append(run)
    return [_task_row(run, depth) for run, depth in _walk(below, None, 0)]


def _walk(below: Mapping[object, list[Row]], parent: object, depth: int) -> Iterator[tuple[Row, int]]:
    for run in below.get(parent, ()):
        yield run, depth
        yield from _walk(below, run.get("id"), depth + 1)


def _task_row(run: Row, depth: int) -> dict[str, object]:
    state = _map(run.get("state"))
    return {
        "task": "  " * depth + str(run.get("taskId")),
        "value": run.get("value"),
        "state": state.get("current"),
        "attempts": len(_list(run.get("attempts"))),
        "took": state.get("duration"),
    }


def value_rows(execution: Row, what: str) -> list[dict[str, object]]:
    """Its `inputs` or `outputs`, one a row, as JSON where they are more than a text."""
    return [
        {what.removesuffix("s"): name, "value": value if isinstance(value, str) else json.dumps(value)}
        for name, value in _map(execution.get(what)).items()
    ]


def trigger_row(row: Row) -> dict[str, object]:
    """One trigger, from a row of either generation."""
    state, text = (
        _map(row.get("state") or row.get("triggerContext")),
        _map(row.get("trigger") or row.get("abstractTrigger")),
    )
    backfill = _map(state.get("backfill"))
    return {
        "flow": f"{state.get('namespace')}/{state.get('flowId')}",
        "trigger": state.get("triggerId"),
        "type": str(text.get("type", "")).rpartition(".")[2],
        "disabled": state.get("disabled") is True,
        "next": state.get("nextEvaluationDate") or state.get("nextExecutionDate"),
        "last": state.get("lastTriggeredDate") if "state" in row else state.get("date"),
        "backfill": backfill.get("currentDate"),
        "paused": backfill.get("paused") is True if backfill else None,
    }


def secret_row(row: Row) -> dict[str, object]:
    """One secret: its names only."""
    return {name: row.get(name) for name in SECRET_COLUMNS}


def _map(value: object) -> Row:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
