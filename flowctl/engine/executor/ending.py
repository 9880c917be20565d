"""The end of an execution: flow outputs, final state, and whoever waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowctl.engine.executor.durations import iso
from flowctl.engine.executor.floworder import release_queued
from flowctl.engine.executor.flowoutputs import OutputError, flow_outputs
from flowctl.engine.executor.launching import end_event
from flowctl.engine.executor.listening import heard
from flowctl.engine.executor.states import FAILED

if TYPE_CHECKING:
    from flowctl.engine.executor.performing import Performer


def end_execution(performer: Performer, state: str, *, outputs: bool = True) -> None:
    """Give the execution its final state; in the same transaction the waiting parent and a queued one are told.

    `outputs` False leaves the flow's outputs out (Exit, a Pause that cancels)."""
    turn = performer.turn
    execution = turn.execution
    try:
        execution.outputs = flow_outputs(performer) if outputs else None
    except OutputError as error:
        turn.log(None, "ERROR", f"Failed to render output values: {error}")
        execution.memo["output_problem"] = str(error)
        if state != FAILED:
            turn.become(state)
        state = FAILED
    turn.become(state)
    if performer.live.definition.listeners:
        execution.memo["heard"] = heard(performer)
    began = execution.history[0][1]
    turn.log(None, "INFO", f"Flow completed with state {state} in {iso(turn.clock() - began)}")
    tell_waiter(performer)
    release_queued(performer)


def tell_waiter(performer: Performer) -> None:
    """Leave the end as an event for the execution that waits for this one."""
    execution = performer.turn.execution
    if execution.waiter is None:
        return
    performer.turn.tell(execution.waiter[0], end_event(execution))
