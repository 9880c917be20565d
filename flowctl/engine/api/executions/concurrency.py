"""How many executions of flows with a concurrency limit are under way."""

from __future__ import annotations

import json
import sqlite3

from starlette.responses import Response

from flowctl.engine.api.flows.search import FLOWS
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import not_found
from flowctl.engine.api.http.request import ApiRequest, json_response

Row = dict[str, object]


def _rows(connection: sqlite3.Connection, now: int) -> list[Row]:
    """The flows that limit their concurrency, with what counts against the limit, in the order of their names."""
    from flowctl.engine.executor.lifecycle.floworder import running

    query = f"SELECT f.namespace, f.id, r.body FROM {FLOWS} WHERE f.deleted = 0 ORDER BY f.namespace, f.id"
    limited = [(space, id_) for space, id_, body in connection.execute(query) if "concurrency" in json.loads(body)]
    return [
        {
            "tenantId": "main",
            "namespace": space,
            "flowId": id_,
            "running": running(connection, space, id_, now),
        }
        for space, id_ in limited
    ]


async def _read(request: ApiRequest) -> list[Row]:
    now = request.context.store.now_ms * 1000
    return await request.context.store.aread(lambda connection: _rows(connection, now))


async def search(request: ApiRequest) -> Response:
    """`GET /concurrency-limit/search`: every flow with a limit and its running executions."""
    rows = await _read(request)
    return json_response({"results": rows, "total": len(rows)})


async def correct(request: ApiRequest) -> Response:
    """`PUT /concurrency-limit/{namespace}/{id}`: the true number, whatever the body says: it is counted, not kept."""
    key = request.params["namespace"], request.params["id"]
    rows = await _read(request)
    for row in rows:
        if (row["namespace"], row["flowId"]) == key:
            return json_response(row)
    raise not_found(f"the flow {key[0]}.{key[1]} has no concurrency limit")


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/concurrency-limit/search", search),
    reads("PUT", "/concurrency-limit/{namespace}/{id}", correct),
)
