"""Service level agreements of a flow: when they are broken, and what is done about it then."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.lifecycle.ending import leave
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.durations import iso, micros
from flowctl.engine.executor.records.records import TaskRun, declared_labels, label_map
from flowctl.engine.executor.records.states import CANCELLED, FAILED, KILLED, SUCCESS


def check(performer: Performer) -> bool:
    """After a change: handle the first violation of each agreement, and have the next time limit looked at.

    Returns whether an agreement was violated, so that the execution is to be decided about again."""
    execution = performer.turn.execution
    if execution.terminal or execution.loop_run is not None:
        return False
    broken = False
    for rule in performer.live.definition.section("sla"):
        handled = execution.memo.get("sla")
        known = handled if isinstance(handled, list) else []
        why = _violation(performer, rule) if rule.get("id") not in known else None
        if why is not None:
            execution.memo["sla"] = [*known, rule.get("id")]
            _react(performer, rule, f"SLA '{rule.get('id')}' violated: {why}")
            broken = True
        if execution.terminal:
            break
    return broken


def _violation(performer: Performer, rule: Mapping[str, object]) -> str | None:
    """How the execution breaks the agreement; None while it keeps to it."""
    turn = performer.turn
    if rule.get("type") == "MAX_DURATION":
        began, length = turn.execution.started or turn.clock(), _length(rule)
        if began + length <= turn.clock():
            return f"the execution takes longer than {iso(length)}"
        turn.wake = min(turn.wake or began + length, began + length)
        return None
    try:
        if performer.renderer(None).truthy(rule.get("assert", "true")):
            return None
    except ExpressionError as error:
        if performer.services.dialect == "1.3":
            _ignore(performer, str(rule.get("id")), error)
            return None
        return f"it cannot be evaluated: {error}"  # counts as broken, seen on a real 2.0
    return f"the assertion does not hold: {rule.get('assert')}"


def _ignore(performer: Performer, id_: str, error: ExpressionError) -> None:
    """Before 2.0 what cannot be evaluated is not broken; said once."""
    memo = performer.turn.execution.memo
    said = memo.get("sla_ignored")
    known = said if isinstance(said, list) else []
    if id_ not in known:
        memo["sla_ignored"] = [*known, id_]
        performer.turn.log(None, "ERROR", f"SLA '{id_}' is ignored while it cannot be evaluated: {error}")


def _length(rule: Mapping[str, object]) -> int:
    try:
        return micros(str(rule.get("duration")))
    except ValueError:
        return 2**60


def _react(performer: Performer, rule: Mapping[str, object], text: str) -> None:
    turn = performer.turn
    turn.log(None, "ERROR" if rule.get("behavior") == "FAIL" else "WARN", text)
    labels = declared_labels(rule.get("labels"))
    if labels:
        turn.execution.labels = label_map([*turn.execution.labels, *labels])
    behavior = rule.get("behavior")
    if behavior == "FAIL":
        _fail_last(performer)
        leave(performer, FAILED, runs=KILLED)
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
