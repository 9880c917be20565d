"""Dashboards as texts: create, read, change, delete, list, validate."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from starlette.responses import Response

from flowctl.engine.api.dashboards.definition import Body, chart_faults, dashboard_faults, read, sound_dashboard
from flowctl.engine.api.flows.shapes import timestamp
from flowctl.engine.api.http.endpoint import Endpoint, reads, writes
from flowctl.engine.api.http.problems import ErrorItem, Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, empty, json_response
from flowctl.engine.api.listing import filters
from flowctl.engine.api.listing.conditions import Where, add_all, add_query, add_text, add_time
from flowctl.engine.api.listing.paging import Found, fetch, page_of
from flowctl.engine.executor.records.identifiers import new_id
from flowctl.engine.store.jsontext import load
from flowctl.engine.store.tables import dashboards
from flowctl.engine.store.tables.dashboards import COLUMNS, DashboardRow

WINDOW = {"default": "P30D", "max": "P366D"}
FIELDS: filters.Fields = {
    "q": filters.EITHER,
    "id": filters.TEXT,
    "created": filters.DATE,
    "updated": filters.DATE,
}
SORTABLE = {"id": "id", "title": "title", "created": "created_ms", "updated": "updated_ms"}


async def create(request: ApiRequest) -> Response:
    """`POST /dashboards`, YAML; a text without an id is given one. An id that is there: 409, in `1.3` 422."""
    text = await request.yaml_text(request.context.limits.flow_bytes)
    body = sound_dashboard(text)
    id_, now = str(body.get("id") or new_id()), request.context.store.now_ms

    def write(connection: sqlite3.Connection) -> DashboardRow:
        if dashboards.get(connection, id_):
            status = request.context.dialect.duplicate_status
            detail = f"Dashboard id already exists: {id_}"
            if status == 409:
                raise Problem(409, "entity-already-exists", detail)
            raise Problem(status, "validation-failed", prefix="Invalid entity", errors=[ErrorItem(detail, "id")])
        return dashboards.put(connection, id_, str(body["title"]), text, body | {"id": id_}, now)

    return json_response(shape(await request.context.store.awrite(write)))


async def get(request: ApiRequest) -> Response:
    """`GET /dashboards/{id}`: with its text; 404 when there is none."""
    return json_response(shape(await found(request)))


async def found(request: ApiRequest) -> DashboardRow:
    """The dashboard of the path.

    Raises:
        Problem: 404, there is none.
    """
    id_ = request.params["id"]
    row = await request.context.store.aread(lambda connection: dashboards.get(connection, id_))
    if row is None:
        raise _missing(id_)
    return row


def _missing(id_: str) -> Problem:
    return not_found(f"Dashboard '{id_}' not found")


async def update(request: ApiRequest) -> Response:
    """`PUT /dashboards/{id}`, YAML; its id may be left out and may not be another. 404 when there is none."""
    id_, now = request.params["id"], request.context.store.now_ms
    text = await request.yaml_text(request.context.limits.flow_bytes)
    body = sound_dashboard(text)
    if body.get("id", id_) != id_:
        raise illegal_argument(f"the text has the id {body['id']!r}, the path {id_!r}; an id cannot change")

    def write(connection: sqlite3.Connection) -> DashboardRow:
        if dashboards.get(connection, id_) is None:
            raise _missing(id_)
        return dashboards.put(connection, id_, str(body["title"]), text, body | {"id": id_}, now)

    return json_response(shape(await request.context.store.awrite(write)))


async def delete(request: ApiRequest) -> Response:
    """`DELETE /dashboards/{id}`: 204; 404 when there is none."""
    id_ = request.params["id"]
    if not await request.context.store.awrite(lambda connection: dashboards.delete(connection, id_)):
        raise _missing(id_)
    return empty(204)


def _add(where: Where, item: filters.Filter) -> None:
    if item.field == "q":
        add_query(where, ("id", "title"), item)
    elif item.field == "id":
        add_text(where, "id", item)
    else:
        add_time(where, f"{item.field}_ms", item)


async def search(request: ApiRequest) -> Response:
    """`GET /dashboards`: paged, without the texts; `q` looks into id and title."""
    page, where = page_of(request), Where()
    query = request.query_params.get("q")
    if query:
        add_query(where, ("id", "title"), filters.Filter("q", filters.Op.EQUALS, query))
    add_all(where, filters.parse_filters(request.query_params.multi_items(), FIELDS), _add)
    order = page.order(SORTABLE, "id")

    def rows(connection: sqlite3.Connection) -> Found:
        return fetch(connection, COLUMNS, "dashboards" + where.clause, where.values, order, page)

    listed = await request.context.store.aread(rows)
    results = [shape(DashboardRow(*row), source=False) for row in listed.rows]
    return json_response({"results": results, "total": listed.total})


def shape(row: DashboardRow, *, source: bool = True) -> Body:
    """A dashboard as clients read it."""
    read_body = load(row.body)
    assert isinstance(read_body, dict)
    body: Body = {"tenantId": "main", "id": row.id, "title": row.title}
    if read_body.get("description") is not None:
        body["description"] = read_body["description"]
    body["timeWindow"] = WINDOW | (read_body.get("timeWindow") or {})
    body["charts"] = read_body.get("charts") or []
    body["deleted"] = False
    body |= {"created": timestamp(row.created_ms), "updated": timestamp(row.updated_ms)}
    return body | {"sourceCode": row.source} if source else body


async def validate(request: ApiRequest) -> Response:
    """`POST /dashboards/validate`, YAML: always 200, one verdict."""
    return await _verdict(request, dashboard_faults)


async def validate_chart(request: ApiRequest) -> Response:
    """`POST /dashboards/validate/chart`, YAML: always 200, one verdict."""
    return await _verdict(request, chart_faults)


async def _verdict(request: ApiRequest, faults: Callable[[Body], Iterable[ErrorItem]]) -> Response:
    body, wrong = read(await request.yaml_text(request.context.limits.flow_bytes))
    wrong = wrong or list(faults(body))
    answer: Body = {"index": 0, "outdated": False}
    if wrong:
        answer["constraints"] = ", ".join(f"{item.path}: {item.message}".removeprefix(": ") for item in wrong)
    return json_response(answer)


async def default_dashboards(request: ApiRequest) -> Response:
    """`GET /dashboards/settings/default-dashboards`: none is chosen; choosing one is of the Enterprise Edition."""
    return json_response({})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/dashboards", search),
    writes("POST", "/dashboards", create),
    reads("GET", "/dashboards/{id}", get),
    writes("PUT", "/dashboards/{id}", update),
    writes("DELETE", "/dashboards/{id}", delete),
    reads("POST", "/dashboards/validate", validate),
    reads("POST", "/dashboards/validate/chart", validate_chart),
    reads("GET", "/dashboards/settings/default-dashboards", default_dashboards),
)
