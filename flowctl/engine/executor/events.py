"""Events that reach an execution: results of tasks, ends of children, requests to go or to stop."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.flowables import directories
from flowctl.engine.executor.flowables.childevents import child_ended, child_moved
from flowctl.engine.executor.lifecycle.ending import refuse
from flowctl.engine.executor.lifecycle.killing import kill
from flowctl.engine.executor.lifecycle.pausing import go_on, hold
from flowctl.engine.executor.lifecycle.restarting import restart_child
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.states import QUEUED, RUNNING
from flowctl.engine.executor.tasks.outcomes import Outcome, settle


def apply_event(performer: Performer, event: Mapping[str, object]) -> None:
    """Take an event into the records. One that does not fit any more (a late result) is dropped."""
    kind = event.get("type")
    if kind == "result":
        _result(performer, event)
    elif kind == "child":
        child_ended(performer, event)
    elif kind == "moved":
        child_moved(performer, event)
    elif kind == "restart":
        restart_child(performer)
    elif kind == "kill":
        kill(performer, children=event.get("children") is not False)
    elif kind == "pause":
        hold(performer)
    elif kind == "resume":
        go_on(performer)
    elif kind == "release" and performer.turn.execution.state == QUEUED:
        performer.turn.become(RUNNING)
    elif kind == "refuse" and performer.turn.execution.state == QUEUED:
        refuse(performer, str(event["state"]), str(event.get("reason", "there is no room")))


def _result(performer: Performer, event: Mapping[str, object]) -> None:
    run = performer.turn.execution.runs.get(str(event["run"]))
    outcome = event["outcome"]
    assert isinstance(outcome, dict)
    if run is not None and not run.terminal and run.memo.get("busy"):
        node = performer.node(run)
        if node.shape == "directory":
            directories.done(performer, node, run, Outcome.of(outcome))
        else:
            settle(performer.turn, node, run, Outcome.of(outcome))
