"""What the executions that an execution has started tell it."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.flowables import batches, loopitems, subflows
from flowctl.engine.executor.flowables.children import kill_children
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.states import KILLING, RETRIED


def child_ended(performer: Performer, event: Mapping[str, object]) -> None:
    """A child execution has ended: count a Loop's iteration, or end the Subflow's run."""
    run = performer.turn.execution.runs.get(str(event["run"]))
    if run is None or run.terminal:
        return
    node = performer.node(run)
    if node.shape == "loop" and event.get("state") == RETRIED and performer.turn.execution.state != KILLING:
        _retried(performer, run, event)
    elif node.shape == "loop":
        loopitems.ended(performer, node, run, dict(event))
    elif node.shape == "items_items":
        batches.ended(performer, node, run, event)
    elif run.memo.get("child") == event["child"]:
        subflows.ended(performer, node, run, event)


def _retried(performer: Performer, run: TaskRun, event: Mapping[str, object]) -> None:
    """A task of an iteration asks for a new execution: not of the iteration, but of the flow."""
    kill_children(performer, run)
    performer.turn.move(run, RETRIED)
    performer.turn.execution.memo.update(exit=RETRIED, again_at=event["again_at"])


def child_moved(performer: Performer, event: Mapping[str, object]) -> None:
    """A child execution is retried by a new one, which is waited for from now on."""
    run = performer.turn.execution.runs.get(str(event["run"]))
    if run is not None and not run.terminal and run.memo.get("child"):
        run.memo["child"] = event["child"]
        run.outputs = {**run.outputs, "executionId": event["child"]}
        performer.turn.touch(run)
