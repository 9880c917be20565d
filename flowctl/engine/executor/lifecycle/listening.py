"""Listeners of flows of before 2.0: tasks that run after the end when their conditions hold (sheet, section 13)."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.performer import Performer


def heard(performer: Performer) -> list[int]:
    """The numbers of the listeners whose conditions all hold now."""
    renderer = performer.renderer(None)
    found = []
    for number, listener in enumerate(performer.live.definition.section("listeners")):
        conditions = listener.get("conditions")
        wanted = [item for item in conditions if isinstance(item, dict)] if isinstance(conditions, list) else []
        if all(_holds(performer, renderer, item) for item in wanted):
            found.append(number)
    return found


def _holds(performer: Performer, renderer: Renderer, condition: Mapping[str, object]) -> bool:
    execution = performer.turn.execution
    name = str(condition.get("type")).rpartition(".")[2].removesuffix("Condition")
    if name == "ExecutionStatus":
        allowed, denied = condition.get("in"), condition.get("notIn")
        good = not isinstance(allowed, list) or execution.state in allowed
        return good and not (isinstance(denied, list) and execution.state in denied)
    if name in ("Expression", "Variable"):
        return _truthy(renderer, condition.get("expression"))
    if name == "ExecutionFlow":
        same_flow = condition.get("flowId") in (None, execution.flow_id)
        return same_flow and condition.get("namespace") in (None, execution.namespace)
    if name == "ExecutionNamespace":
        return condition.get("namespace") == execution.namespace
    performer.turn.log(None, "WARN", f"a listener's condition {name} is not known; the listener is not run")
    return False


def _truthy(renderer: Renderer, expression: object) -> bool:
    try:
        return renderer.truthy(expression)
    except ExpressionError:
        return False
