"""Blueprints as an open-source server without network has them: lists are empty, single ones are not there."""

from __future__ import annotations

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.paging import page_of

KINDS = ("APP", "DASHBOARD", "FLOW")


def _check_kind(request: ApiRequest) -> None:
    kind = request.params["kind"]
    if kind.upper() not in KINDS:
        raise illegal_argument(f"no kind of blueprints {kind!r}; one of {', '.join(KINDS)}")


async def search(request: ApiRequest) -> Response:
    """`GET /blueprints/community/{kind}`: an empty page."""
    _check_kind(request)
    page_of(request)
    return json_response({"results": [], "total": 0})


async def tags(request: ApiRequest) -> Response:
    """`GET /blueprints/community/{kind}/tags`: no tags."""
    _check_kind(request)
    return json_response([])


async def single(request: ApiRequest) -> Response:
    """`GET /blueprints/community/{kind}/{id}`, and its source and graph: 404."""
    _check_kind(request)
    raise not_found(f"Blueprint '{request.params['id']}' not found: this server has none, they come from the network")


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/blueprints/community/{kind}", search),
    reads("GET", "/blueprints/community/{kind}/tags", tags),
    reads("GET", "/blueprints/community/{kind}/{id}", single),
    reads("GET", "/blueprints/community/{kind}/{id}/source", single),
    reads("GET", "/blueprints/community/{kind}/{id}/graph", single),
)
