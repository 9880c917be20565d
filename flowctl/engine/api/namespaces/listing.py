"""Namespaces: they exist by being named, listed from the flows that are in them."""

from __future__ import annotations

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing import filters
from flowctl.engine.api.listing.paging import page_of

FIELDS: filters.Fields = {"q": filters.EITHER, "existingOnly": filters.EITHER}


async def read(request: ApiRequest) -> Response:
    """`GET /namespaces/{id}`: always 200 (seen)."""
    return json_response({"id": request.params["namespace"]})


async def search(request: ApiRequest) -> Response:
    """`GET /namespaces/search`: every namespace with flows, those above it, and `system`; `q` as a filter, and as a
    parameter where the dialect obeys it."""
    page = page_of(request)
    wanted = filters.parse_filters(request.query_params.multi_items(), FIELDS)
    names = [name for name in await _all(request) if all(_fits(item, name) for item in wanted)]
    text = request.query_params.get("q", "").lower()
    if text and request.context.dialect.namespace_query:
        names = [name for name in names if text in name.lower()]
    if page.sort and not page.sort[0][1]:
        names.reverse()
    part = names[page.offset : page.offset + page.size]
    results = [{"id": name, "deleted": False} for name in part]
    return json_response({"results": results, "total": len(names) if part else 0})


def _fits(item: filters.Condition, name: str) -> bool:
    if isinstance(item, filters.Group):
        return (any if item.any_of else all)(_fits(member, name) for member in item.members)
    if item.field == "existingOnly":
        return True  # there are no others
    text = "" if item.value == "*" else item.value.lower()
    return (text in name.lower()) != item.negative


async def autocomplete(request: ApiRequest) -> Response:
    """`POST /namespaces/autocomplete` with `{q, ids, existingOnly}`: names."""
    body = await request.json()
    if not isinstance(body, dict):
        raise illegal_argument("send {q, ids, existingOnly}")
    text, ids = str(body.get("q") or "").lower(), body.get("ids")
    more = [str(item) for item in ids] if isinstance(ids, list) else []
    names = [name for name in await _all(request) if text in name.lower()]
    return json_response(sorted({*names, *more}))


async def _all(request: ApiRequest) -> list[str]:
    rows = await request.context.store.aread(
        lambda connection: connection.execute("SELECT DISTINCT namespace FROM flows WHERE deleted = 0").fetchall()
    )
    found = {"system"}
    for (namespace,) in rows:
        parts = namespace.split(".")
        found.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return sorted(found)


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/namespaces/search", search),
    reads("POST", "/namespaces/autocomplete", autocomplete),
    reads("GET", "/namespaces/{namespace}", read),
)
