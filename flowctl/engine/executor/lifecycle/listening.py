"""Listeners of flows of before 2.0: tasks that run after the end when their conditions hold."""

from __future__ import annotations

from flowctl.engine.executor.expressions.conditions import Condition, UnknownCondition, conditions_of, holds
from flowctl.engine.executor.expressions.context import nested_labels
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import Execution


def heard(performer: Performer) -> list[int]:
    """The numbers of the listeners whose conditions all hold now."""
    renderer, subject = performer.renderer(None), _subject(performer.turn.execution)
    found = []
    for number, listener in enumerate(performer.live.definition.section("listeners")):
        if all(_holds(performer, renderer, item, subject) for item in conditions_of(listener)):
            found.append(number)
    return found


def _holds(performer: Performer, renderer: Renderer, condition: Condition, subject: dict[str, object]) -> bool:
    try:
        return holds(condition, renderer, subject)
    except UnknownCondition as problem:
        performer.turn.log(None, "WARN", f"{problem}; the listener is not run")
    except (ExpressionError, ValueError) as problem:
        performer.turn.log(None, "WARN", f"a listener's condition cannot be evaluated, it is not run: {problem}")
    return False


def _subject(execution: Execution) -> dict[str, object]:
    """What conditions see of the execution that has ended. Repeated attempts of its tasks are none that
    `HasRetryAttempt` counts (seen on a real 1.3)."""
    return {
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "state": execution.state,
        "labels": nested_labels(execution.labels),
    }
