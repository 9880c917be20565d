"""Restarting an execution: what failed runs again under the same id (flow-language sheet, section 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowctl.engine.executor.definition import Definition
from flowctl.engine.executor.ending import tell_waiter
from flowctl.engine.executor.records import Execution, TaskRun, label_map
from flowctl.engine.executor.refusals import WrongState
from flowctl.engine.executor.states import FAILED, PAUSED, RESTARTED, RUNNING, TERMINAL

if TYPE_CHECKING:
    from flowctl.engine.executor.performing import Performer


def restart(performer: Performer) -> None:
    """Run again what failed, under the same id.

    Raises:
        WrongState: it has not ended, or nothing failed.
    """
    turn = performer.turn
    execution = turn.execution
    if not execution.terminal and execution.state != PAUSED:
        raise WrongState(f"the execution is {execution.state}; only an ended or paused one can be restarted")
    failed = to_restart(performer.live.definition, execution)
    if not failed:
        raise WrongState("No task found to restart execution from!")
    doomed = _handlers(performer.live.definition, execution)
    doomed |= {below.id: below for run in failed for below in execution.descendants(run.id)}
    turn.remove(doomed.values())
    performer.live.rebuild()
    for run in failed:
        begin_again(performer, run)
    execution.attempt_number += 1
    execution.outputs = None
    execution.labels = label_map([*execution.labels, ("system.restarted", "true")])
    turn.labels_changed = True
    turn.become(RESTARTED)


def restart_child(performer: Performer) -> None:
    """Restart an execution because the one that waits for it was restarted. One that has gone on meanwhile is waited
    for as it is; one that cannot be restarted tells its end once more."""
    execution = performer.turn.execution
    if not execution.terminal:
        return
    if to_restart(performer.live.definition, execution):
        restart(performer)
    else:
        tell_waiter(performer)


def to_restart(definition: Definition, execution: Execution) -> list[TaskRun]:
    """The runs that a restart begins with: failed or paused, with none such below them, and no handler's. What is below
    them is taken out. A WorkingDirectory begins anew as a whole: the files of its tasks are gone."""
    handlers = _handlers(definition, execution)
    unwell = [run for run in execution.runs.values() if run.state in (FAILED, PAUSED) and run.id not in handlers]
    above = {run.parent_id for run in unwell}
    found = (_whole(definition, execution, run) for run in unwell if run.id not in above)
    return list({run.id: run for run in found}.values())


def _whole(definition: Definition, execution: Execution, run: TaskRun) -> TaskRun:
    """The WorkingDirectory that a run is in, else the run itself."""
    parent = execution.runs.get(run.parent_id) if run.parent_id else None
    node = definition.nodes.get(parent.task_id) if parent is not None else None
    return parent if parent is not None and node is not None and node.shape == "directory" else run


def begin_again(performer: Performer, run: TaskRun) -> None:
    """Have a run started again; the groups around it go on."""
    turn = performer.turn
    for above in turn.execution.ancestors(run):
        if above.terminal:
            turn.move(above, RUNNING)
            reopen_attempt(above)
    for name in ("busy", "interrupted", "retry_at", "until", "timeout_at", "child", "items", "decision"):
        run.memo.pop(name, None)
    if run.value is None:
        run.iteration = None  # of a LoopUntil: the number of its round
    turn.move(run, RESTARTED)


def reopen_attempt(run: TaskRun) -> None:
    """The last attempt of a group that goes on is not over."""
    if run.attempts and run.attempts[-1].state in TERMINAL:
        run.attempts[-1].history.pop()


def _handlers(definition: Definition, execution: Execution) -> dict[str, TaskRun]:
    """The runs of `errors`, `finally` and `afterExecution`, with all below them, by id."""
    names = {node.id for nodes in (definition.errors, definition.finally_, definition.after) for node in nodes}
    for node in definition.nodes.values():
        names |= {inner.id for name in ("errors", "finally") for inner in node.lists.get(name, ())}
    found: dict[str, TaskRun] = {}
    for run in execution.runs.values():
        if run.task_id in names:
            found |= {other.id: other for other in (run, *execution.descendants(run.id))}
    return found
