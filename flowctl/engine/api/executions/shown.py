"""Executions as this server shows them: in the shapes of its dialect, with the variables of their flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.engine.api.context import Context
from flowctl.engine.api.executions import shapes
from flowctl.engine.api.runtime import PART
from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.expressions.context import merged_variables
from flowctl.engine.executor.records.flowsource import UnknownFlow
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution


def read_json(execution: Execution, context: Context) -> shapes.Json:
    """The answer to a read."""
    return shapes.read_json(execution, context.dialect, _variables(context))


def answer_json(execution: Execution, context: Context) -> shapes.Json:
    """The answer to a start or an action."""
    return shapes.answer_json(execution, context.dialect, _variables(context))


def row_json(execution: Execution, context: Context) -> shapes.Json:
    """A row of a listing."""
    return shapes.row_json(execution, context.dialect, _variables(context))


def _variables(context: Context) -> Callable[[Execution], Mapping[str, object]]:
    """What gives the variables of an execution; without a running executor those that its tasks set."""
    executor = context.parts.get(PART)
    if not isinstance(executor, Executor):
        return lambda execution: execution.variables
    flows = executor.services.flows

    def variables(execution: Execution) -> Mapping[str, object]:
        try:
            flow = flows.revision(execution.namespace, execution.flow_id, execution.revision)
        except UnknownFlow:
            return execution.variables
        return merged_variables(Live(execution, flow.definition)) or {}

    return variables
