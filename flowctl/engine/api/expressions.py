"""What expressions can use, and one rendered without an execution."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import Response

from flowctl.engine.api.endpoint import MODERN, Endpoint, Scope, reads
from flowctl.engine.api.problems import illegal_argument
from flowctl.engine.api.request import ApiRequest, json_response
from flowctl.engine.api.runtime import executor_of


async def filters(request: ApiRequest) -> Response:
    """`GET /api/v1/pebble/filters`: the names of the filters of this dialect, sorted."""
    from flowctl.language.expressions.catalogue import FILTERS

    return json_response(
        sorted(name for name, spec in FILTERS.items() if request.context.dialect.name in spec.dialects)
    )


async def functions(request: ApiRequest) -> Response:
    """`GET /api/v1/pebble/functions`: the names of the functions of this dialect, sorted."""
    from flowctl.language.expressions.catalogue import FUNCTIONS

    dialect = request.context.dialect.name
    return json_response(sorted(name for name, spec in FUNCTIONS.items() if dialect in spec.dialects))


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

    from flowctl.engine.executor.rendering import ExpressionError, Renderer
    from flowctl.language.expressions import Environment

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
)
