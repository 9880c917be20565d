"""The end of an execution: flow outputs, final state, and whoever waits for it."""

from __future__ import annotations

from flowctl.engine.executor.flowables.children import kill_children
from flowctl.engine.executor.lifecycle.closing import close
from flowctl.engine.executor.lifecycle.floworder import release_queued
from flowctl.engine.executor.lifecycle.flowoutputs import OutputError, flow_outputs
from flowctl.engine.executor.lifecycle.launching import end_event, store_new
from flowctl.engine.executor.lifecycle.listening import heard
from flowctl.engine.executor.lifecycle.replaying import replay
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.durations import iso
from flowctl.engine.executor.records.records import working
from flowctl.engine.executor.records.states import FAILED, KILLING, RETRIED


def end_execution(performer: Performer, state: str, *, outputs: bool = True) -> None:
    """Give the execution its final state; in the same transaction the waiting parent and a queued one are told.

    `outputs` False leaves the flow's outputs out (Exit, a Pause that cancels); so does a kill, whatever is missing."""
    turn = performer.turn
    execution = turn.execution
    try:
        execution.outputs = flow_outputs(performer) if outputs and execution.state != KILLING else None
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
    level = "INFO" if performer.services.dialect == "lenient" else "WARN"  # as real servers have it (seen)
    turn.log(None, level, f"Flow completed with state {state} in {iso(turn.clock() - began)}")
    if state == RETRIED and "again_at" in execution.memo and execution.loop_run is None:
        begin_anew(performer)
    else:
        tell_waiter(performer)
    release_queued(performer)


def refuse(performer: Performer, state: str, reason: str) -> None:
    """End an execution that may not begin, and say why."""
    performer.turn.log(None, "ERROR" if state == FAILED else "WARN", reason)
    end_execution(performer, state, outputs=False)


def leave(performer: Performer, state: str, runs: str | None = None) -> None:
    """End the whole execution at once (Exit, a Pause that cancels): everything open takes its state, or `runs`.

    An iteration of a Loop has its outputs all the same (seen on a real 2.0).
    """
    for run in list(performer.turn.execution.runs.values()):
        if not run.terminal:
            if working(run):
                kill_children(performer, run)
            close(performer, run, runs or state)
    end_execution(performer, state, outputs=performer.turn.execution.loop_run is not None)


def break_off(performer: Performer) -> None:
    """Fail an execution, with all that is open in it, because of an error inside the engine: nothing is evaluated."""
    turn = performer.turn
    turn.log(None, "ERROR", "an error inside the server ended this execution; the server's log says more")
    for run in list(turn.execution.runs.values()):
        close(performer, run, FAILED)
    if not turn.execution.terminal:
        turn.become(FAILED)
    turn.execution.memo["no_after"] = True
    tell_waiter(performer)
    release_queued(performer)


def begin_anew(performer: Performer) -> None:
    """A retry by a new execution: it begins when the retry is due, and whoever waited for this one waits for it."""
    turn, definition = performer.turn, performer.live.definition
    old = turn.execution
    new = replay(old, definition, turn.clock(), None)
    due = old.memo["again_at"]
    assert isinstance(due, int)
    new.attempt_number, new.schedule_date = old.attempt_number + 1, due
    new.waiter = old.waiter
    if "batch" in old.memo:
        new.memo["batch"] = old.memo["batch"]
    old.memo["no_after"] = True
    turn.extra.append(lambda connection: store_new(connection, new, definition))
    turn.spawned.append(new.id)
    if old.waiter is not None:
        turn.tell(old.waiter[0], {"type": "moved", "run": old.waiter[1], "child": new.id})


def tell_waiter(performer: Performer) -> None:
    """Leave the end as an event for the execution that waits for this one."""
    execution = performer.turn.execution
    if execution.waiter is None:
        return
    performer.turn.tell(execution.waiter[0], end_event(execution))
