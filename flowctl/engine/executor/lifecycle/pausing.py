"""Pausing an execution from outside, and letting it go on.

The iterations of its Loops are parts of it and are held with it. A Subflow's execution is a running task's work: it
goes on to its end, as that of any running task.
"""

from __future__ import annotations

import sqlite3

from flowctl.engine.executor.lifecycle.refusals import WrongState
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.states import KILLING, PAUSED, RESTARTED, RUNNING
from flowctl.engine.store.tables import executions, steps

HELD = "paused"
"""The name in an execution's memo: nothing of it is decided until it is let go."""


def pause(performer: Performer) -> None:
    """Running tasks finish, nothing new starts; neither in the iterations of its Loops.

    Raises:
        WrongState: it is not RUNNING.
    """
    execution = performer.turn.execution
    if execution.state != RUNNING:
        raise WrongState(f"the execution is {execution.state}, only a RUNNING one can be paused")
    hold(performer)


def hold(performer: Performer) -> None:
    """Hold an execution that has not ended. One that is killed is let alone."""
    turn = performer.turn
    if turn.execution.terminal or turn.execution.state == KILLING:
        return
    turn.execution.memo[HELD] = True
    if turn.execution.state != PAUSED:
        turn.become(PAUSED)
    _tell_iterations(performer, "pause")


def let_go(performer: Performer) -> bool:
    """Take the hold away, from the iterations too; the state is left to the caller. False when there was none."""
    if not performer.turn.execution.memo.pop(HELD, None):
        return False
    _tell_iterations(performer, "resume")
    return True


def go_on(performer: Performer) -> None:
    """An iteration whose Loop's execution goes on. One that waits in a Pause of its own still waits there."""
    execution = performer.turn.execution
    waits = any(run.state == PAUSED for run in execution.runs.values())
    if let_go(performer) and execution.state == PAUSED and not waits:
        performer.turn.become(RESTARTED)


def _tell_iterations(performer: Performer, kind: str) -> None:
    """In the transaction of the turn, so that none which begins at this moment is missed."""
    turn = performer.turn

    def tell(connection: sqlite3.Connection) -> None:
        for iteration in executions.open_iterations(connection, turn.execution.id):
            turn.spawned.append(iteration)
            steps.tell(connection, iteration, {"type": kind})

    turn.extra.append(tell)
