"""The flows that tasks call, for graphs that show them as well (`subflows`)."""

from __future__ import annotations

import asyncio

from flowctl.engine.api.flows.graphs import Graph, Task, flow_graph
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.store.tables import flows

MOST = 100


async def graph_of(request: ApiRequest, value: Task) -> Graph:
    """The graph of a flow, with the flows of the tasks that `subflows` names by their uid, as `root.call`.

    Raises:
        Problem: 404, a flow that is called is not there; 422, too many names.
    """
    listed = request.query_params.getlist("subflows")
    wanted = [name.strip() for text in listed for name in text.split(",") if name.strip()]
    if len(wanted) > MOST:
        raise illegal_argument(f"at most {MOST} subflows, found {len(wanted)}")
    dialect = request.context.dialect.name
    if not wanted:
        return flow_graph(value, dialect)
    return await asyncio.to_thread(flow_graph, value, dialect, wanted, lambda task: _called(request, task))


def _called(request: ApiRequest, task: Task) -> Task:
    namespace, id_, number = str(task.get("namespace")), str(task.get("flowId")), task.get("revision")
    if isinstance(number, int):
        row = request.context.store.read(lambda connection: flows.revision(connection, namespace, id_, number))
    else:
        row = request.context.store.read(lambda connection: flows.newest(connection, namespace, id_))
    value = request.context.checker.check(row.source).value if row is not None else None
    if value is None:
        raise not_found(f"Unable to find subflow {namespace}.{id_} for task {task.get('id')}")
    return value
