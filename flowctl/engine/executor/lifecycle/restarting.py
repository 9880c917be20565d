"""Restarting an execution: what failed runs again under the same id."""

from __future__ import annotations

from flowctl.engine.executor.flowables.children import ALONE
from flowctl.engine.executor.lifecycle.ending import tell_waiter
from flowctl.engine.executor.lifecycle.pausing import let_go
from flowctl.engine.executor.lifecycle.rerunning import failed_runs, forget, handlers, to_restart
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import TaskRun, label_map
from flowctl.engine.executor.records.states import RESTARTED, RUNNING, TERMINAL


def restart(performer: Performer) -> None:
    """Run again what failed, under the same id.

    Raises:
        WrongState: it has not ended, or nothing failed.
    """
    turn = performer.turn
    execution = turn.execution
    failed = failed_runs(performer.live.definition, execution)
    doomed = handlers(performer.live.definition, execution)
    doomed |= {below.id: below for run in failed for below in execution.descendants(run.id)}
    turn.remove(doomed.values())
    performer.live.rebuild()
    for run in failed:
        begin_again(performer, run)
    execution.attempt_number += 1
    execution.outputs = None
    execution.labels = label_map([*execution.labels, ("system.restarted", "true")])
    let_go(performer)
    execution.memo.pop(ALONE, None)
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


def begin_again(performer: Performer, run: TaskRun) -> None:
    """Have a run started again; the groups around it go on."""
    turn = performer.turn
    for above in turn.execution.ancestors(run):
        if above.terminal:
            turn.move(above, RUNNING)
            reopen_attempt(above)
    forget(run)
    turn.move(run, RESTARTED)


def reopen_attempt(run: TaskRun) -> None:
    """The last attempt of a group that goes on is not over."""
    if run.attempts and run.attempts[-1].state in TERMINAL:
        run.attempts[-1].history.pop()
