"""Views of one flow: its graph, a single task, and which flows use old types."""

from __future__ import annotations

import sqlite3

from starlette.responses import Response

from flowctl.engine.api.flows.called_flows import graph_of
from flowctl.engine.api.flows.checking import CheckedFlow
from flowctl.engine.api.flows.search import FLOWS, QUALIFIED
from flowctl.engine.api.flows.shapes import without_nulls
from flowctl.engine.api.flows.single import check_text, sound
from flowctl.engine.api.http.endpoint import MODERN, Endpoint, reads
from flowctl.engine.api.http.problems import not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flows import row_of
from flowctl.language.types import find_type
from flowctl.language.walk import walk_tasks


async def _value(request: ApiRequest) -> dict[str, object]:
    """The plain data of the flow in the path, of `revision` where one is named.

    Raises:
        Problem: 404.
    """
    namespace, id_, number = request.params["namespace"], request.params["id"], request.integer("revision")

    def read(connection: sqlite3.Connection) -> str | None:
        if number is None:
            row = flows.newest(connection, namespace, id_)
        else:
            row = flows.revision(connection, namespace, id_, number)
        return row.source if row else None

    source = request.context.store.read(read)
    checked = await check_text(request, source) if source is not None else None
    if checked is None or checked.value is None:
        raise not_found(f"Unable to find flow main_{namespace}_{id_}")
    return checked.value


async def graph(request: ApiRequest) -> Response:
    """`GET /flows/{ns}/{id}/graph?subflows=`."""
    return json_response((await graph_of(request, await _value(request))).as_json())


async def graph_of_text(request: ApiRequest) -> Response:
    """`POST /flows/graph?subflows=`: the graph of a text that is not saved."""
    checked = await check_text(request, await request.yaml_text(request.context.limits.flow_bytes))
    sound(checked)
    return json_response((await graph_of(request, checked.value or {})).as_json())


async def task(request: ApiRequest) -> Response:
    """`GET /flows/{ns}/{id}/tasks/{taskId}`, at any depth."""
    for _, found in walk_tasks(await _value(request)):
        if str(found.get("id")) == request.params["task"]:
            return json_response(without_nulls(found))
    raise not_found(f"Unable to find task {request.params['task']}")


async def deprecated(request: ApiRequest) -> Response:
    """`GET /flows/deprecated?namespace=`: flows with tasks whose type has a newer name."""
    namespace = request.query_params.get("namespace")
    query = f"SELECT {QUALIFIED} FROM {FLOWS} WHERE f.deleted = 0 AND (? IS NULL OR f.namespace = ?)"
    rows = await request.context.store.aread(
        lambda c: [row_of(row) for row in c.execute(query, (namespace, namespace))]
    )
    answer = []
    for row in rows:
        old = _old_tasks(await check_text(request, row.source), request)
        if old:
            answer.append(
                {"namespace": row.namespace, "flowId": row.id, "revision": row.revision, "deprecatedTasks": old}
            )
    return json_response(answer)


def _old_tasks(checked: CheckedFlow, request: ApiRequest) -> list[dict[str, str]]:
    found = []
    for _, item in walk_tasks(checked.value):
        resolved = find_type(str(item.get("type", "")), request.context.dialect.name)
        if resolved and resolved.deprecated_alias:
            found.append(
                {
                    "taskId": str(item.get("id")),
                    "taskType": resolved.deprecated_alias,
                    "replacement": resolved.canonical,
                }
            )
    return found


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/flows/{namespace}/{id}/graph", graph),
    reads("POST", "/flows/graph", graph_of_text),
    reads("GET", "/flows/{namespace}/{id}/tasks/{task}", task),
    reads("GET", "/flows/deprecated", deprecated, dialects=MODERN),
)
