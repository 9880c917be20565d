"""What else can be read of an execution: its flow, its graph, an expression's value."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import Response

from flowctl.engine.api.executions.shapes import task_run_json
from flowctl.engine.api.executions.single import execution_of
from flowctl.engine.api.executions.starting import start
from flowctl.engine.api.flows.called_flows import graph_of
from flowctl.engine.api.http.endpoint import LEGACY, MODERN, Endpoint, reads, writes
from flowctl.engine.api.http.problems import not_found
from flowctl.engine.api.http.request import ApiRequest, decode, json_response
from flowctl.engine.api.runtime import executor_of
from flowctl.engine.executor.records.definition import INNER, Definition
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.secretplaces import shown_run_outputs
from flowctl.engine.store.tables import executions
from flowctl.language.flags import is_on

EVAL_BYTES = 256 * 1024


def definition_of(request: ApiRequest, execution: Execution) -> Definition:
    """The flow revision that an execution runs.

    Raises:
        Problem: 404, it is gone.
    """
    from flowctl.engine.executor.records.flowsource import UnknownFlow

    flows = executor_of(request.context).services.flows
    try:
        return flows.revision(execution.namespace, execution.flow_id, execution.revision).definition
    except UnknownFlow as error:
        raise not_found(str(error)) from None


async def flow(request: ApiRequest) -> Response:
    """`GET /executions/{id}/flow`: the flow with its tasks reduced to what shows their order."""
    definition = definition_of(request, execution_of(request))
    return json_response(reduced_flow(definition.value, definition.revision, request.context.dialect.name != "1.3"))


def reduced_flow(value: Mapping[str, object], revision: int, modern: bool) -> dict[str, object]:
    """A flow without what only its tasks need to know."""
    found: dict[str, object] = {
        "id": value.get("id"),
        "namespace": value.get("namespace"),
        "revision": revision,
        "disabled": is_on(value.get("disabled")),
        "deleted": False,
        "sla": value.get("sla") or [],
        "triggers": [_reduced(item) for item in _maps(value.get("triggers"))],
    }
    for name in ("tasks", "errors", "finally", "afterExecution"):
        found[name] = [_reduced(item) for item in _maps(value.get(name))]
    for name in ("inputs", "outputs", "labels", "description", "variables", "concurrency"):
        if value.get(name):
            found[name] = value[name]
    return found | ({"quotas": []} if modern else {})


def _reduced(item: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {"id": item.get("id"), "type": item.get("type")}
    for name in INNER:
        if isinstance(item.get(name), list):
            found[name] = [_reduced(inner.get("task") or inner) for inner in _maps(item[name])]
    return found


def _maps(value: object) -> list[dict[str, dict[str, object]]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


async def graph(request: ApiRequest) -> Response:
    """`GET /executions/{id}/graph?subflows=`: the flow's graph with its own task runs."""
    execution = execution_of(request)
    definition = definition_of(request, execution)
    found = await graph_of(request, definition.value)
    inside = tuple(f"{uid}." for uid in found.expanded)
    modern = request.context.dialect.name == "2.0"
    for node in found.nodes:
        task = node.get("task")
        if isinstance(task, dict):
            node["task"] = {"id": task.get("id"), "type": task.get("type")}
            run = _run_of(execution, str(task.get("id")))
            if run is not None and not str(node["uid"]).startswith(inside):
                node["taskRun"] = _graph_run(execution, run, modern)
                node["values"] = [] if run.value is None else [run.value]
    return json_response({name: value for name, value in found.as_json().items() if name != "flowables"})


def _run_of(execution: Execution, task_id: str) -> TaskRun | None:
    return next((run for run in reversed(execution.runs.values()) if run.task_id == task_id), None)


def _graph_run(execution: Execution, run: TaskRun, modern: bool) -> dict[str, object]:
    return task_run_json(run) | {
        "executionId": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "outputs": None if modern else shown_run_outputs(run),
    }


async def evaluate(request: ApiRequest) -> Response:
    """`POST …/eval[/{taskRunId}]`: body an expression; 200 with `result`, or with `error` when it is bad."""
    expression = decode(await request.bytes_up_to(EVAL_BYTES))
    execution = execution_of(request)
    run = execution.runs.get(request.params["run"]) if "run" in request.params else None
    if "run" in request.params and run is None:
        raise not_found()
    return json_response(await asyncio.to_thread(_evaluated, request, execution, run, expression))


async def evaluate_or_start(request: ApiRequest) -> Response:
    """`POST /executions/{id}/eval`, which clients of 1.3 send. `eval` is no reserved id of a flow, so where there is
    no such execution a flow of that name is meant to be started; therefore it takes whoever may write."""
    id_ = request.params["execution"]
    if request.context.store.read(lambda connection: executions.head(connection, id_)) is None:
        request.params.update(namespace=id_, id="eval")
        return await start(request)
    return await evaluate(request)


def _evaluated(request: ApiRequest, execution: Execution, run: TaskRun | None, expression: str) -> dict[str, object]:
    from flowctl.engine.executor.expressions.context import variables_of
    from flowctl.engine.executor.expressions.hooks import looking
    from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer

    executor = executor_of(request.context)
    live = executor.loaded.looked_at(execution)
    renderer = Renderer(variables_of(live, run, dialect=executor.services.dialect), looking(executor.services, live))
    try:
        return {"result": executor.services.masker.mask(renderer.text(expression))}
    except ExpressionError as error:
        return {"error": executor.services.masker.mask(str(error)), "stackTrace": ""}


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/executions/{execution}/flow", flow),
    reads("GET", "/executions/{execution}/graph", graph),
    writes("POST", "/executions/{execution}/eval", evaluate_or_start, dialects=LEGACY),
    reads("POST", "/executions/{execution}/eval/{run}", evaluate, dialects=LEGACY),
    reads("POST", "/executions/{execution}/actions/eval", evaluate, dialects=MODERN),
    reads("POST", "/executions/{execution}/actions/eval/{run}", evaluate, dialects=MODERN),
)
