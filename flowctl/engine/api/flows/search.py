"""Listings over flows: search, namespaces."""

from __future__ import annotations

import sqlite3

from starlette.responses import Response

from flowctl.engine.api.flows.shapes import page as paged
from flowctl.engine.api.flows.shapes import read_json
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing import filters
from flowctl.engine.api.listing.conditions import Where, add_all, add_label, add_query, add_scope, add_text
from flowctl.engine.api.listing.filters import Filter, Op
from flowctl.engine.api.listing.paging import Found, fetch, page_of
from flowctl.engine.store.tables.flows import COLUMNS, row_of

FIELDS: filters.Fields = {
    "q": filters.EITHER,
    "scope": filters.EITHER,
    "namespace": filters.TEXT,
    "flowId": filters.TEXT,
    "labels": filters.LABELS,
}
SORTABLE = {
    "id": "f.id",
    "namespace": "f.namespace",
    "revision": "f.revision",
    "updated": "f.updated_ms",
    "disabled": "f.disabled",
}
QUALIFIED = ", ".join(f"r.{name}" for name in COLUMNS.split(", "))
FLOWS = "flows f JOIN flow_revisions r USING (namespace, id, revision)"
DEFAULT_ORDER = "f.namespace, f.id"


async def search(request: ApiRequest) -> Response:
    """`GET /flows/search`: paged, without sources."""
    page, where = page_of(request), matching(request)
    order = page.order(SORTABLE, DEFAULT_ORDER)

    def read(connection: sqlite3.Connection) -> Found:
        return fetch(connection, QUALIFIED, FLOWS + where.clause, where.values, order, page)

    found = await request.context.store.aread(read)
    items = [read_json(row_of(row), draft=request.context.dialect.says_draft) for row in found.rows]
    return json_response(paged(items, found.total))


def matching(request: ApiRequest) -> Where:
    """The condition for the flows that a request's filters name; without any, every flow that is not deleted."""
    found = filters.parse_filters(request.query_params.multi_items(), FIELDS)
    if not found and request.context.dialect.old_search:
        found = _old_parameters(request)
    where = Where()
    where.add("f.deleted = 0")
    add_all(where, found, _add)
    return where


def _add(where: Where, item: Filter) -> None:
    if item.field == "q":
        add_query(where, ("f.id", "f.namespace", "f.namespace || '.' || f.id"), item)
    elif item.field == "scope":
        add_scope(where, "f.namespace", item)
    elif item.field == "labels":
        add_label(where, "f.labels", item)
    else:
        add_text(where, "f.namespace" if item.field == "namespace" else "f.id", item)


def _old_parameters(request: ApiRequest) -> tuple[Filter, ...]:
    """The parameters from before `filters`: `q`, `scope`, `namespace` (itself and below), `labels=key:value`."""
    query = request.query_params
    found = [Filter("q", Op.EQUALS, query["q"])] if query.get("q") else []
    if query.get("namespace"):
        found.append(Filter("namespace", Op.PREFIX, query["namespace"]))
    if len(query.getlist("scope")) == 1:
        found.append(Filter("scope", Op.EQUALS, query["scope"]))
    for text in query.getlist("labels"):
        key, _, value = text.partition(":")
        if not key or not value:
            raise illegal_argument(f"Invalid queryString parameter: {text!r}")
        found.append(Filter("labels", Op.EQUALS, value, key))
    return tuple(found)


async def distinct_namespaces(request: ApiRequest) -> Response:
    """`GET /flows/distinct-namespaces?q=`: namespaces that hold flows, those that begin with `q`."""
    prefix = request.query_params.get("q", "")
    rows = await request.context.store.aread(
        lambda connection: connection.execute(
            "SELECT DISTINCT namespace FROM flows WHERE deleted = 0 AND substr(namespace, 1, length(?)) = ? "
            "ORDER BY namespace",
            (prefix, prefix),
        ).fetchall()
    )
    return json_response([row[0] for row in rows])


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/flows/search", search),
    reads("GET", "/flows/distinct-namespaces", distinct_namespaces),
)
