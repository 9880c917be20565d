"""What a plan reads: everything's digests in one answer, then the sources that differ in another."""

from __future__ import annotations

import sqlite3

import orjson
from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, Scope, reads
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.namespaces.secrets import from_environment
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.overview import overview

FORMAT = "1.0"
MOST_PATTERNS = 1000
MOST_SOURCES = 100_000


async def state(request: ApiRequest) -> Response:
    """`GET /flowctl/state?namespaces=P1,P2`: a pattern covers itself and everything below it.

    Secrets of the server's environment have no namespace.
    """
    patterns = [part.strip() for text in request.query_params.getlist("namespaces") for part in text.split(",")]
    patterns = [pattern for pattern in patterns if pattern]
    if len(patterns) > MOST_PATTERNS:
        raise illegal_argument(f"at most {MOST_PATTERNS} namespace patterns, found {len(patterns)}")
    store = request.context.store
    now = store.now_ms
    found = await store.aread(lambda connection: overview(connection, patterns, now))
    members = found.members() | {"secrets": [*found.secrets, *(("", name) for name in from_environment())]}
    return json_response(orjson.dumps({"format": FORMAT, "server": identity(request)} | members))


def identity(request: ApiRequest) -> dict[str, str]:
    """Which server this is."""
    dialect = request.context.dialect
    return {"id": request.context.store.uuid, "version": dialect.version, "edition": "OSS", "dialect": dialect.name}


async def sources(request: ApiRequest) -> Response:
    """`POST /flowctl/sources` with `{"flows": [[ns, id], …]}`: their newest revisions and texts; absent ones are
    left out."""
    keys = _keys(await request.json())

    def read(connection: sqlite3.Connection) -> list[tuple[str, str, int, str]]:
        rows = [flows.newest(connection, namespace, id_) for namespace, id_ in keys]
        return [(row.namespace, row.id, row.revision, row.source) for row in rows if row]

    return json_response({"flows": await request.context.store.aread(read)})


def _keys(body: object) -> list[tuple[str, str]]:
    items = body.get("flows") if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) > MOST_SOURCES:
        raise illegal_argument(f"send {{'flows': [[namespace, id], …]}} with at most {MOST_SOURCES} of them")
    keys = []
    for item in items:
        if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
            raise illegal_argument(f"not a pair of namespace and id: {item!r}")
        keys.append((item[0], item[1]))
    return keys


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/flowctl/state", state, scope=Scope.BOTH),
    reads("POST", "/flowctl/sources", sources, scope=Scope.BOTH),
)
