"""The rounds of a LoopUntil."""

from __future__ import annotations

from flowctl.engine.executor.deciding.scopes import Scope, guess
from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.states import FAILED, PAUSED, RUNNING, tolerate
from flowctl.language.flags import is_on


def next_round(performer: Performer, node: Node, run: TaskRun) -> None:
    """After the children ended: evaluate the condition, then end or wait. After the wait: begin the next round."""
    turn = performer.turn
    if run.state == PAUSED:
        run.memo.pop("until", None)
        turn.move(run, RUNNING)
        return
    try:
        done = performer.renderer(run).truthy(node.properties.get("condition", ""))
    except ExpressionError as error:
        turn.log(run, "ERROR", f"Unable to resolve state from the Flowable task: {error}")
        turn.move(run, FAILED)
        return
    reached = guess(Scope(turn.execution.group(run.id), node.tasks))
    old = performer.services.dialect == "1.3" or (performer.services.dialect == "lenient" and node.old_name)
    if done or reached == FAILED:
        turn.move(run, tolerate(reached, node.allow_failure, node.allow_warning))
    elif _over(performer, run, old):
        turn.log(run, "WARN", "Max iterations reached" if _too_many(run, 0) else "Max duration reached")
        failing = is_on(node.properties.get("failOnMaxReached"))  # `allowFailure` is no help (seen on a real 2.0)
        turn.move(run, FAILED if failing else tolerate(reached, node.allow_failure, node.allow_warning))
    else:
        _wait(performer, run)


def _count(run: TaskRun) -> int:
    count = run.outputs.get("iterationCount")
    return count if isinstance(count, int) else 1


def _too_many(run: TaskRun, ahead: int) -> bool:
    most = run.memo.get("most")
    return isinstance(most, int) and _count(run) + ahead > most


def _over(performer: Performer, run: TaskRun, old: bool) -> bool:
    """Whether a limit is reached; before 2.0 the round to come was counted."""
    if old and _too_many(run, 1):
        run.outputs = {"iterationCount": _count(run) + 1}
        return True
    longest, began = run.memo.get("longest"), run.memo.get("began")
    late = isinstance(longest, int) and isinstance(began, int) and performer.turn.clock() > began + longest
    return late or _too_many(run, 0)


def _wait(performer: Performer, run: TaskRun) -> None:
    turn = performer.turn
    turn.remove(turn.execution.descendants(run.id))
    run.iteration = (run.iteration or 0) + 1
    run.outputs = {"iterationCount": _count(run) + 1}
    interval = run.memo.get("interval")
    assert isinstance(interval, int)
    run.memo["until"] = turn.clock() + interval
    turn.move(run, PAUSED)
