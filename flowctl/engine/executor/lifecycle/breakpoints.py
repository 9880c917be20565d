"""Breakpoints: an execution stops before a task until it is told to go on."""

from __future__ import annotations

from collections.abc import Iterable

from flowctl.engine.executor.lifecycle.refusals import WrongState
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.states import BREAKPOINT, CREATED, RUNNING


def stops_before(execution: Execution, run: TaskRun) -> bool:
    """Whether a breakpoint, `taskId` or `taskId.value`, is set at this run and was not passed yet."""
    points = execution.memo.get("breakpoints")
    if not isinstance(points, list) or run.memo.get("passed"):
        return False
    return run.task_id in points or (run.value is not None and f"{run.task_id}.{run.value}" in points)


def set_breakpoints(execution: Execution, points: Iterable[str]) -> None:
    """Replace the breakpoints; with none the execution runs through."""
    found = list(dict.fromkeys(points))
    execution.memo.pop("breakpoints", None)
    if found:
        execution.memo["breakpoints"] = found


def resume_from(performer: Performer, points: Iterable[str]) -> None:
    """Go on from where it stopped, with other breakpoints.

    Raises:
        WrongState: it has not stopped at one.
    """
    turn = performer.turn
    stopped = [run for run in turn.execution.runs.values() if run.state == BREAKPOINT]
    if turn.execution.state != BREAKPOINT or not stopped:
        raise WrongState(f"the execution is {turn.execution.state}, not stopped at a breakpoint")
    set_breakpoints(turn.execution, points)
    for run in stopped:
        run.memo["passed"] = True
        turn.move(run, CREATED)
    turn.become(RUNNING)
