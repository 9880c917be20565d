"""What expressions can use, and one rendered without an execution."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import Response

from flowctl.engine.api.flows.single import check_text
from flowctl.engine.api.http.endpoint import MODERN, Endpoint, Scope, reads
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.namespaces.secrets import from_environment
from flowctl.engine.api.runtime import executor_of
from flowctl.engine.store.tables import files, key_values
from flowctl.language.completion import offered


async def filters(request: ApiRequest) -> Response:
    """`GET /api/v1/pebble/filters`: the names of the filters of this dialect, sorted."""
    return json_response(_names(request)["filters"])


async def functions(request: ApiRequest) -> Response:
    """`GET /api/v1/pebble/functions`: the names of the functions of this dialect, sorted."""
    return json_response(_names(request)["functions"])


async def offer(request: ApiRequest) -> Response:
    """`POST /flows/expressions?taskId=`: what expressions of a flow's text, or of a task in it, can name."""
    text = await request.yaml_text(request.context.limits.flow_bytes)
    value, task_id = (await check_text(request, text)).value, request.query_params.get("taskId") or None
    if value is None:
        raise illegal_argument("the body must be the text of a flow")
    try:
        found = offered(value, task_id, request.context.dialect.name)
    except KeyError:
        raise not_found(f"Unable to find task {task_id}") from None
    return json_response(found | await _of_namespace(request, str(value.get("namespace", ""))) | _names(request))


async def _of_namespace(request: ApiRequest, namespace: str) -> dict[str, list[str]]:
    store, vault = request.context.store, executor_of(request.context).services.vault
    seen = await asyncio.to_thread(vault.inherited, namespace)
    secrets = {*from_environment(), *(name for names in seen.values() for name in names)}
    pairs = await store.aread(lambda c: key_values.in_namespaces(c, (namespace,), store.now_ms))
    paths = await store.aread(lambda c: [row.path for row in files.below(c, namespace, "/") if not row.directory])
    return {
        "secrets": sorted(f"secret('{name}')" for name in secrets),
        "kvPairs": [f"kv('{pair.key}')" for pair in pairs],
        "namespaceFiles": sorted(f"read('{path.removeprefix('/')}')" for path in paths),
    }


def _names(request: ApiRequest) -> dict[str, list[str]]:
    from flowctl.language.expressions.catalogue import FILTERS, FUNCTIONS

    dialect = request.context.dialect.name
    return {
        "filters": sorted(name for name, spec in FILTERS.items() if dialect in spec.dialects),
        "functions": sorted(name for name, spec in FUNCTIONS.items() if dialect in spec.dialects),
    }


async def render(request: ApiRequest) -> Response:
    """`POST /expressions/render`: body `{expression, variables?}`; 200 with `result`, or with `error` when it is bad.

    The expression sees the variables alone and no function that touches the world: no secret, file or key-value.
    """
    body = await request.json()
    expression = body.get("expression") if isinstance(body, Mapping) else None
    variables = body.get("variables") or {} if isinstance(body, Mapping) else {}
    if not isinstance(expression, str) or not isinstance(variables, Mapping):
        raise illegal_argument("the body must be {expression, variables?}")
    return json_response(await asyncio.to_thread(_rendered, request, expression, variables))


def _rendered(request: ApiRequest, expression: str, variables: Mapping[str, object]) -> dict[str, object]:
    from datetime import UTC, datetime

    from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
    from flowctl.language.expressions.environment import Environment

    clock = executor_of(request.context).services.clock
    environment = Environment(
        clock=lambda: datetime.fromtimestamp(clock() / 1_000_000, UTC), dialect=request.context.dialect.name
    )
    try:
        return {"result": Renderer(variables, environment).text(expression)}
    except ExpressionError as error:
        return {"error": str(error)}


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/pebble/filters", filters, scope=Scope.INSTANCE),
    reads("GET", "/pebble/functions", functions, scope=Scope.INSTANCE),
    reads("POST", "/expressions/render", render, dialects=MODERN),
    reads("POST", "/flows/expressions", offer, dialects=MODERN),
)
