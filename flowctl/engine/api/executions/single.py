"""Single executions: read, delete, and what the flow they run looks like."""

from __future__ import annotations

from starlette.responses import Response

from flowctl.engine.api.executions.deletion import delete_all
from flowctl.engine.api.executions.shapes import outputs_json
from flowctl.engine.api.executions.shown import read_json
from flowctl.engine.api.http.endpoint import Endpoint, reads, writes
from flowctl.engine.api.http.problems import not_found
from flowctl.engine.api.http.request import ApiRequest, empty, json_response
from flowctl.engine.api.runtime import hide_secrets
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import shown_outputs, shown_run_outputs
from flowctl.engine.store.tables import executions


def execution_of(request: ApiRequest) -> Execution:
    """The execution that the path names.

    Raises:
        Problem: 404, there is none.
    """
    id_ = request.params["execution"]
    found = request.context.store.read(lambda connection: executions.read(connection, id_))
    if found is None:
        raise not_found()
    hide_secrets(request.context, [found])
    return found


async def read(request: ApiRequest) -> Response:
    """`GET /executions/{id}`."""
    return json_response(read_json(execution_of(request), request.context))


async def delete(request: ApiRequest) -> Response:
    """`DELETE /executions/{id}` with `deleteLogs`, `deleteMetrics`, `deleteStorage` (true): 204."""
    await delete_all(request, [execution_of(request)])
    return empty(204)


async def outputs(request: ApiRequest) -> Response:
    """`GET /outputs/{executionId}` and, of the 2.0 release, `/outputs/tasks/{executionId}`: the task runs that have
    outputs."""
    return json_response(outputs_json(execution_of(request)))


async def outputs_of_run(request: ApiRequest) -> Response:
    """`GET /outputs/{executionId}/{taskRunId}` and, of the 2.0 release, `/outputs/tasks/…`: the outputs themselves."""
    run = execution_of(request).runs.get(request.params["run"])
    if run is None:
        raise not_found()
    return json_response(shown_run_outputs(run))


async def outputs_of_flow(request: ApiRequest) -> Response:
    """`GET /outputs/executions/{executionId}` (2.0): the outputs that the flow itself declares, empty without any."""
    return json_response(shown_outputs(execution_of(request)) or {})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/executions/{execution}", read),
    writes("DELETE", "/executions/{execution}", delete),
    reads("GET", "/outputs/{execution}", outputs),
    reads("GET", "/outputs/{execution}/{run}", outputs_of_run),
    reads("GET", "/outputs/executions/{execution}", outputs_of_flow),
    reads("GET", "/outputs/tasks/{execution}", outputs),
    reads("GET", "/outputs/tasks/{execution}/{run}", outputs_of_run),
)
