"""How a group, a pause or a sleep ends, by its shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.flowables import approving, batches, directories
from flowctl.engine.executor.flowables.loopoutputs import collect_loop
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.states import CANCELLED, FAILED, RUNNING, SUCCESS
from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.executor.tasks.outcomes import Outcome, settle


def finish(performer: Performer, run: TaskRun, state: str) -> None:
    """A run has reached its end, in a state that its shape may yet change."""
    if not run.terminal:
        node = performer.node(run)
        _ENDS.get(node.shape, _group)(performer, node, run, state)


def _group(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    performer.turn.move(run, state)


def _if(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    """`evaluationResult` is computed again at the end (seen on a real server); the branch stays."""
    try:
        truth = performer.renderer(run).truthy(node.properties.get("condition", ""))
        run.outputs = {"evaluationResult": truth}
    except ExpressionError as error:
        performer.turn.log(run, "DEBUG", f"the condition can no longer be evaluated: {error}")
    performer.turn.move(run, state)


def _pause(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    turn = performer.turn
    if run.state == RUNNING:
        turn.move(run, state)
        return
    run.outputs = {**run.outputs, "resumed": {"on": iso_time(turn.clock()), "to": state}}
    if node.tasks and state == SUCCESS:
        turn.move(run, RUNNING)
        return
    turn.move(run, state)
    if state == CANCELLED:
        turn.execution.memo["exit"] = CANCELLED


def _sleep(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    if state == FAILED:
        performer.log_timeout(run)
    settle(performer.turn, node, run, Outcome(state))


def _loop(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    collect_loop(performer, node, run)
    performer.turn.move(run, state)


def _batches(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    performer.turn.move(run, batches.end_state(node, run))


_ENDS: Mapping[str, Callable[[Performer, Node, TaskRun, str], None]] = {
    "if": _if,
    "pause": _pause,
    "approval": approving.finish,
    "sleep": _sleep,
    "directory": directories.finish,
    "loop": _loop,
    "items_items": _batches,
}
