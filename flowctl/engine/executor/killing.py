"""Killing an execution (flow-language sheet, section 7.3)."""

from __future__ import annotations

from flowctl.engine.executor.performing import Performer
from flowctl.engine.executor.states import CREATED, KILLED, KILLING, PAUSED, QUEUED, RESTARTED


def kill(performer: Performer) -> None:
    """KILLING: what has not begun ends KILLED at once; what runs is interrupted by the next decision."""
    turn = performer.turn
    execution = turn.execution
    if execution.terminal or execution.state == KILLING:
        return
    if execution.state in (CREATED, QUEUED) and not execution.runs:
        turn.become(KILLING)
        return
    if execution.state == PAUSED:
        execution.memo.pop("paused", None)
        turn.become(RESTARTED)
    turn.become(KILLING)
    for run in list(execution.runs.values()):
        if run.state in (PAUSED, CREATED, RESTARTED) and not execution.group(run.id).open:
            turn.move(run, KILLED)
