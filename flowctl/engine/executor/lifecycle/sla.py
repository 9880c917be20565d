"""Service level agreements of a flow (flow-language sheet, section 7.5)."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.lifecycle.ending import leave
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.durations import micros
from flowctl.engine.executor.records.records import TaskRun, declared_labels, label_map
from flowctl.engine.executor.records.states import CANCELLED, FAILED, KILLED, SUCCESS


def check(performer: Performer) -> bool:
    """After a change: handle the first violation of each agreement, and have the next time limit looked at.

    Returns whether an agreement was violated, so that the execution is to be decided about again."""
    execution = performer.turn.execution
    if execution.terminal or execution.loop_run is not None:
        return False
    for rule in performer.live.definition.section("sla"):
        handled = execution.memo.get("sla")
        known = handled if isinstance(handled, list) else []
        if rule.get("id") not in known and _violated(performer, rule):
            execution.memo["sla"] = [*known, rule.get("id")]
            _react(performer, rule)
            return True
    return False


def _violated(performer: Performer, rule: Mapping[str, object]) -> bool:
    turn = performer.turn
    if rule.get("type") == "MAX_DURATION":
        due = (turn.execution.started or turn.clock()) + _length(rule)
        if due <= turn.clock():
            return True
        turn.wake = due if turn.wake is None else min(turn.wake, due)
        return False
    try:
        return not performer.renderer(None).truthy(rule.get("assert", "true"))
    except ExpressionError as error:
        turn.log(None, "WARN", f"the SLA {rule.get('id')} cannot be evaluated: {error}")
        return False


def _length(rule: Mapping[str, object]) -> int:
    try:
        return micros(str(rule.get("duration")))
    except ValueError:
        return 2**60


def _react(performer: Performer, rule: Mapping[str, object]) -> None:
    turn = performer.turn
    labels = declared_labels(rule.get("labels"))
    if labels:
        turn.execution.labels = label_map([*turn.execution.labels, *labels])
        turn.labels_changed = True
    behavior = rule.get("behavior")
    if behavior == "FAIL":
        _fail_last(performer)
        leave(performer, FAILED)
    elif behavior == "CANCEL":
        leave(performer, CANCELLED, runs=KILLED)


def _fail_last(performer: Performer) -> None:
    """The run whose end broke the agreement is FAILED (as seen on a real server)."""
    ended = [run for run in performer.turn.dirty.values() if run.terminal]
    if ended and ended[-1].state == SUCCESS:
        _restate(ended[-1])
        performer.turn.touch(ended[-1])


def _restate(run: TaskRun) -> None:
    run.history[-1] = (FAILED, run.history[-1][1])
    if run.attempts:
        history = run.attempts[-1].history
        history[-1] = (FAILED, history[-1][1])
