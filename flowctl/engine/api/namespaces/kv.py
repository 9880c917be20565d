"""The key-value store: one pair, many pairs, and their listings."""

from __future__ import annotations

import sqlite3

from starlette.responses import Response

from flowctl.engine.api.flows.shapes import timestamp
from flowctl.engine.api.http.endpoint import LEGACY, Endpoint, reads, writes
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, decode, empty, json_response
from flowctl.engine.api.listing import filters
from flowctl.engine.api.listing.conditions import Where, add_all, add_query, add_text, add_time
from flowctl.engine.api.listing.paging import Found, fetch, page_of
from flowctl.engine.api.namespaces.kv_values import KEY_RULE, InvalidValue, parse_duration_ms, typed, valid_key
from flowctl.engine.store.tables import key_values
from flowctl.engine.store.tables.key_values import COLUMNS, KvRow

FIELDS: filters.Fields = {
    "q": filters.EITHER,
    "namespace": filters.TEXT,
    "updated": filters.DATE,
    "expirationDate": filters.DATE,
}
SORTABLE = {
    "key": "key",
    "namespace": "namespace",
    "updateDate": "updated_ms",
    "updated": "updated_ms",
    "creationDate": "created_ms",
    "expirationDate": "expires_ms",
}


def _key(request: ApiRequest) -> tuple[str, str]:
    namespace, key = request.params["namespace"], request.params["key"]
    if not valid_key(key):
        raise illegal_argument(KEY_RULE)
    return namespace, key


def _as_utf8(header: str | None) -> str | None:
    """A header's bytes as UTF-8 where they are that: HTTP hands them over as Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8") if header is not None else None
    except UnicodeDecodeError:
        return header


async def put(request: ApiRequest) -> Response:
    """`PUT …/kv/{key}`: the text's form decides the type; `ttl` and `description` as header or parameter."""
    namespace, key = _key(request)
    ttl = _ttl(request)
    description = _as_utf8(request.headers.get("description")) or request.query_params.get("description")
    text = decode(await request.bytes_up_to(request.context.limits.value_bytes))
    try:
        kind, value = typed(text)
    except InvalidValue as error:
        raise illegal_argument(str(error)) from None
    now = request.context.store.now_ms
    await request.context.store.awrite(
        lambda connection: key_values.put(
            connection, namespace, key, kind, value, now, ttl_ms=ttl, description=description
        )
    )
    return empty()


def _ttl(request: ApiRequest) -> int | None:
    text = request.headers.get("ttl") or request.query_params.get("ttl")
    if not text:
        return None
    milliseconds = parse_duration_ms(text)
    if milliseconds is None:
        raise illegal_argument(f"ttl must be a positive ISO-8601 duration such as PT1H, found {text!r}")
    return milliseconds


async def get(request: ApiRequest) -> Response:
    """`GET …/kv/{key}`: 404 when it is not there, 410 when its time is over."""
    namespace, key = _key(request)
    row = request.context.store.read(lambda connection: key_values.get(connection, namespace, key))
    if row is None:
        raise not_found(f"No value found for key '{key}' in namespace '{namespace}'")
    if row.expired(request.context.store.now_ms):
        raise Problem(410, "resource-expired", f"key '{key}' in namespace '{namespace}'")
    value = f'"value":{row.value},' if row.value != "null" else ""
    updated = timestamp(row.updated_ms)
    body = f'{{"type":"{row.type}",{value}"revision":{row.revision},"updated":"{updated}"}}'
    return json_response(body.encode())


async def delete(request: ApiRequest) -> Response:
    """`DELETE …/kv/{key}`: 200 with whether there was one."""
    namespace, key = _key(request)
    return json_response(bool(await _delete(request, namespace, [key])))


async def delete_many(request: ApiRequest) -> Response:
    """`DELETE …/kv` with `{keys: […]}`: answers those that were deleted."""
    body = await request.json()
    keys = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise illegal_argument("send {keys: [text, …]}")
    return json_response({"keys": await _delete(request, request.params["namespace"], keys)})


async def _delete(request: ApiRequest, namespace: str, keys: list[str]) -> list[str]:
    now = request.context.store.now_ms
    return await request.context.store.awrite(lambda c: key_values.delete(c, namespace, keys, now))


def _add(where: Where, item: filters.Filter) -> None:
    if item.field == "q":
        add_query(where, ("key",), item)
    elif item.field == "namespace":
        add_text(where, "namespace", item)
    else:
        add_time(where, "updated_ms" if item.field == "updated" else "expires_ms", item)


async def search(request: ApiRequest) -> Response:
    """`GET /kv`: paged, over all namespaces."""
    page, where = page_of(request), Where()
    where.add("expires_ms IS NULL OR expires_ms > ?", request.context.store.now_ms)
    add_all(where, filters.parse_filters(request.query_params.multi_items(), FIELDS), _add)
    order = page.order(SORTABLE, "namespace, key")

    def read(connection: sqlite3.Connection) -> Found:
        return fetch(connection, COLUMNS, "key_values" + where.clause, where.values, order, page)

    found = await request.context.store.aread(read)
    return json_response({"results": [entry(KvRow(*row), request) for row in found.rows], "total": found.total})


async def list_namespace(request: ApiRequest) -> Response:
    """`GET /namespaces/{ns}/kv`: the 1.x listing."""
    return await _entries(request, [request.params["namespace"]])


async def inherited(request: ApiRequest) -> Response:
    """`GET …/kv/inheritance`: the pairs of the namespaces above."""
    parts = request.params["namespace"].split(".")
    return await _entries(request, [".".join(parts[:count]) for count in range(1, len(parts))])


async def _entries(request: ApiRequest, namespaces: list[str]) -> Response:
    now = request.context.store.now_ms
    rows = await request.context.store.aread(lambda c: key_values.in_namespaces(c, namespaces, now))
    return json_response([entry(row, request) for row in rows])


def entry(row: KvRow, request: ApiRequest) -> dict[str, object]:
    """A row of a listing; it never has the value."""
    body: dict[str, object] = {
        "namespace": row.namespace,
        "key": row.key,
        "creationDate": timestamp(row.created_ms),
        "updateDate": timestamp(row.updated_ms),
    }
    body |= dict.fromkeys(request.context.dialect.revision_members, row.revision)
    if row.description is not None:
        body["description"] = row.description
    if row.expires_ms is not None:
        body["expirationDate"] = timestamp(row.expires_ms)
    return body


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/kv", search),
    reads("GET", "/namespaces/{namespace}/kv", list_namespace, dialects=LEGACY),
    writes("DELETE", "/namespaces/{namespace}/kv", delete_many),
    reads("GET", "/namespaces/{namespace}/kv/inheritance", inherited),
    reads("GET", "/namespaces/{namespace}/kv/{key}", get),
    writes("PUT", "/namespaces/{namespace}/kv/{key}", put),
    writes("DELETE", "/namespaces/{namespace}/kv/{key}", delete),
)
