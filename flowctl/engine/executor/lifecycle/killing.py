"""Killing an execution."""

from __future__ import annotations

import sqlite3

from flowctl.engine.executor.flowables.children import ALONE
from flowctl.engine.executor.lifecycle.pausing import HELD
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.states import CREATED, KILLED, KILLING, PAUSED, QUEUED, RESTARTED
from flowctl.engine.executor.turn import Turn
from flowctl.engine.store.tables import executions, steps


def kill(performer: Performer, *, children: bool = True) -> None:
    """KILLING: what has not begun ends KILLED at once; what runs is interrupted by the next decision. The executions
    that it has started are killed too, also those that it does not wait for; or, without `children`, left alone, those
    of its iterations included."""
    turn = performer.turn
    execution = turn.execution
    if execution.terminal or execution.state == KILLING:
        return
    if execution.state in (CREATED, QUEUED) and not execution.runs:
        turn.become(KILLING)
        return
    if children:
        turn.extra.append(lambda connection: _kill_started(turn, connection))
    else:
        execution.memo[ALONE] = True
        _let_go(performer)
    if execution.state == PAUSED:
        execution.memo.pop(HELD, None)
        turn.become(RESTARTED)
    turn.become(KILLING)
    for run in list(execution.runs.values()):
        if run.state in (PAUSED, CREATED, RESTARTED) and not execution.group(run.id).open:
            turn.move(run, KILLED)


def _kill_started(turn: Turn, connection: sqlite3.Connection) -> None:
    """Those that nobody waits for: the others are killed with the runs that wait for them."""
    for child in executions.started(connection, turn.execution.id):
        turn.spawned.append(child)
        steps.tell(connection, child, {"type": "kill"})


def _let_go(performer: Performer) -> None:
    """End the runs that wait for executions of other flows; these go on."""
    for run in list(performer.turn.execution.runs.values()):
        if performer.node(run).shape in ("subflow", "items_items") and not run.terminal:
            for name in ("child", "started"):
                run.memo.pop(name, None)
            performer.turn.move(run, KILLED)
