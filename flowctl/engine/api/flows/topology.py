"""Which flows depend on which, from the references kept with every flow."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.request import ApiRequest, json_response

Key = tuple[str, str]
RELATIONS = {"subflow": "FLOW_TASK", "trigger": "FLOW_TRIGGER"}
Edge = tuple[Key, Key, str]


async def of_flow(request: ApiRequest) -> Response:
    """`GET /flows/{ns}/{id}/dependencies`: neighbours, or with `expandAll` all that hangs together."""
    start = (request.params["namespace"], request.params["id"])
    outwards, whole = request.flag("destinationOnly"), request.flag("expandAll")

    def read(connection: sqlite3.Connection) -> set[Edge]:
        return expand(connection, {start}, outwards, whole)

    return json_response(topology(await request.context.store.aread(read), ()))


async def of_namespace(request: ApiRequest) -> Response:
    """`GET /namespaces/{ns}/dependencies`: all flows of the namespace and their neighbours."""
    namespace, outwards = request.params["namespace"], request.flag("destinationOnly")

    def read(connection: sqlite3.Connection) -> tuple[set[Edge], set[Key]]:
        rows = connection.execute("SELECT namespace, id FROM flows WHERE namespace = ? AND deleted = 0", (namespace,))
        keys = {(row[0], row[1]) for row in rows}
        return expand(connection, keys, outwards, False), keys

    return json_response(topology(*await request.context.store.aread(read)))


def expand(connection: sqlite3.Connection, start: set[Key], outwards: bool, whole: bool) -> set[Edge]:
    """The relations of some flows; with `whole` those of all they lead to, until nothing new comes."""
    edges: set[Edge] = set()
    seen: set[Key] = set()
    todo = set(start)
    while todo:
        seen |= todo
        new = {edge for key in todo for edge in _edges(connection, key, outwards)}
        edges |= new
        todo = {key for edge in new for key in edge[:2]} - seen if whole else set()
    return edges


def _edges(connection: sqlite3.Connection, key: Key, outwards: bool) -> Iterable[Edge]:
    """Edges point the way work flows: from caller to child, from the awaited flow to the one it starts."""
    for relation, namespace, id_ in connection.execute(
        "SELECT relation, other_namespace, other_id FROM flow_references WHERE namespace = ? AND id = ?", key
    ):
        edge = _edge(key, (namespace, id_), relation)
        if not outwards or edge[0] == key:
            yield edge
    for relation, namespace, id_ in connection.execute(
        "SELECT relation, namespace, id FROM flow_references WHERE other_namespace = ? AND other_id = ?", key
    ):
        edge = _edge((namespace, id_), key, relation)
        if not outwards or edge[0] == key:
            yield edge


def _edge(owner: Key, other: Key, relation: str) -> Edge:
    return (owner, other, relation) if relation == "subflow" else (other, owner, relation)


def topology(edges: set[Edge], keys: Iterable[Key]) -> dict[str, object]:
    """The answer: nodes of all edges and of `keys`."""
    nodes = sorted({*keys, *(key for edge in edges for key in edge[:2])})
    return {
        "nodes": [{"uid": uid(key), "namespace": key[0], "id": key[1]} for key in nodes],
        "edges": [
            {"source": uid(source), "target": uid(target), "relation": RELATIONS[relation]}
            for source, target, relation in sorted(edges)
        ],
    }


def uid(key: Key) -> str:
    """Namespace and id joined by an underscore (seen)."""
    return f"{key[0]}_{key[1]}"


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/flows/{namespace}/{id}/dependencies", of_flow),
    reads("GET", "/namespaces/{namespace}/dependencies", of_namespace),
)
