"""From a method and a path to a route."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from flowctl.engine.api.http.endpoint import LEGACY, MODERN, Endpoint, Scope, reads, writes
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.http.routing import Router, segments
from flowctl.engine.api.routes import all_endpoints
from flowctl.model.environment import Dialect


async def handle(request: ApiRequest) -> Response:
    return Response()


TABLE = (
    reads("GET", "/flows/{namespace}/{id}", handle),
    reads("GET", "/flows/search", handle),
    writes("POST", "/flows/{namespace}", handle),
    writes("POST", "/flows/bulk", handle),
    writes("DELETE", "/flows/{namespace}/{id}", handle),
    reads("GET", "/old", handle, dialects=LEGACY),
    reads("GET", "/new", handle, dialects=MODERN),
    reads("GET", "/configs", handle, scope=Scope.INSTANCE),
    reads("GET", "/ours", handle, scope=Scope.BOTH),
    reads("GET", "/files/{rest...}", handle),
    reads("GET", "/ping", handle, scope=Scope.ROOT),
)


def found(path: str, method: str = "GET", dialect: Dialect = "2.0", table: Iterable[Endpoint] = TABLE) -> str | None:
    parts = segments(path.encode())
    match = Router(table, dialect).match(method, parts) if parts is not None else None
    return match.endpoint.path if match and match.endpoint else None


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/api/v1/main/flows/search", "/flows/search"),
        ("GET", "/api/v1/flows/search", "/flows/search"),
        ("HEAD", "/api/v1/flows/search", "/flows/search"),
        ("GET", "/api/v1/main/flows/a/b", "/flows/{namespace}/{id}"),
        ("GET", "/api/v1/main/flows/search/b", "/flows/{namespace}/{id}"),
        ("POST", "/api/v1/main/flows/bulk", "/flows/bulk"),
        ("POST", "/api/v1/main/flows/search", "/flows/{namespace}"),
        ("GET", "/api/v1/configs", "/configs"),
        ("GET", "/api/v1/main/configs", None),
        ("GET", "/api/v1/ours", "/ours"),
        ("GET", "/api/v1/main/ours", "/ours"),
        ("GET", "/ping", "/ping"),
        ("GET", "/api/v1/ping", None),
        ("GET", "/flows/search", None),
        ("GET", "/api/v1/main/files/a/b/c", "/files/{rest...}"),
        ("GET", "/api/v1/other/flows/search", None),
        ("GET", "/api/v1/main/flows//b", None),
        ("GET", "/api/v1/main/flows/a/", None),
        ("GET", "/api/v1", None),
        ("GET", "/", None),
    ],
)
def test_a_path_leads_to_its_route(method: str, path: str, route: str | None) -> None:
    assert found(path, method) == route


def test_dialects_have_their_own_routes() -> None:
    assert [found("/api/v1/main/old", dialect=name) for name in ("1.3", "2.0", "lenient")] == ["/old", None, "/old"]
    assert [found("/api/v1/main/new", dialect=name) for name in ("1.3", "2.0", "lenient")] == [None, "/new", "/new"]


def test_another_method_names_those_that_are_there() -> None:
    match = Router(TABLE, "2.0").match("PATCH", ["api", "v1", "main", "flows", "a", "b"])
    assert (match.endpoint, match.allowed) == (None, ("DELETE", "GET"))


def test_an_encoded_slash_stays_inside_its_segment() -> None:
    parts = segments(b"/api/v1/main/flows/a%2Fb/c")
    assert parts == ["api", "v1", "main", "flows", "a/b", "c"]
    assert Router(TABLE, "2.0").match("GET", parts).params == {"namespace": "a/b", "id": "c"}


@pytest.mark.parametrize("path", [b"/a/../b", b"/a/%2e%2e/b", b"/./a", b"/a%00b", b"/a%0d%0ab", b"/\xff", b"/%ff"])
def test_segments_that_name_nothing(path: bytes) -> None:
    assert segments(path) is None


@given(st.binary(max_size=60))
def test_no_path_breaks_the_router(path: bytes) -> None:
    parts = segments(b"/" + path)
    if parts is not None:
        match = Router(TABLE, "lenient").match("GET", parts)
        assert match.endpoint is None or (match.endpoint in TABLE and match.endpoint.method == "GET")
        assert all(value in "/".join(parts) for value in match.params.values())


@pytest.mark.parametrize("dialect", ["2.0", "1.3", "lenient"])
def test_the_whole_table_has_no_route_twice(dialect: Dialect) -> None:
    router = Router(all_endpoints(), dialect)  # refuses two routes of one place
    here = [one for one in all_endpoints() if dialect in one.dialects and one.scope is Scope.TENANT]
    assert len(here) > 100
    for endpoint in here:
        parts = ["api", "v1", "main", *re.sub(r"\{[^}]*\}", "x9", endpoint.path).strip("/").split("/")]
        found = router.match(endpoint.method, parts).endpoint
        assert found is not None and found.path == endpoint.path


def test_two_routes_of_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="two routes"):
        Router([TABLE[0], reads("GET", "/flows/{other}/{name}", handle)], "2.0")
