"""No request of any kind to any route is answered by an error inside the server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.engine.api.http.endpoint import Endpoint, Scope
from flowctl.engine.api.routes import all_endpoints
from tests.engine.api.server import YAML, Server, flow, running

ENDPOINTS = [endpoint for endpoint in all_endpoints() if not endpoint.path.endswith("/follow")]
"""All but those that answer for as long as somebody listens."""
SPACED = re.compile(r"\S+")
BELOW = {Scope.TENANT: "/api/v1/main", Scope.INSTANCE: "/api/v1", Scope.BOTH: "/api/v1", Scope.ROOT: ""}
WORDS = SPACED.findall("""
0 -1 999999999999999999999999999999 null .. / // * % [ {{ {{1/0}} true id:asc k:v KILLED PT-1S P99999999999D
2024-13-45 9999-12-31T23:59:59.999999999Z kestra:///../../etc/passwd 'OR'1=1-- é 報告 😀 company.team log
""")
PARAMETERS = SPACED.findall("""
page size sort q namespace flowId filters filters[ filters[namespace][EQUALS] filters[labels][EQUALS][k]
filters[state][IN] filters[startDate][LESS_THAN] filters[timeRange][EQUALS] filters[nope][NOPE] path state labels
startDate timeRange revision taskRunId minLevel attempt from to wait scheduleDate kind delta maxRows encoding status
""")
MEMBERS = SPACED.findall("""
id namespace tasks state type key value labels flowId triggerId backfill start end disabled source filters charts
timeWindow executionsId
""")
TYPES = SPACED.findall("""
application/json application/x-yaml text/plain text/json application/octet-stream nonsense multipart/form-data
multipart/form-data;boundary=x application/x-www-form-urlencoded text/plain;charset=utf-16
application/json;charset=x
""")

words = st.sampled_from(WORDS) | st.sampled_from(["", "a" * 3000, "\0", "\r\nX: 1"]) | st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3),
    max_leaves=8,
)
bodies = st.just(b"") | st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("odd"), engine=True, dialect="lenient") as one:
        one.post("/flows", content=flow(), headers=YAML)
        yield one


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_odd_requests_are_answered(server: Server, endpoint: Endpoint, data: st.DataObject) -> None:
    path = re.sub(r"\{[^}]+\}", lambda _: escaped(data.draw(words)) or "x", endpoint.path)
    asked = data.draw(st.lists(st.tuples(st.sampled_from(PARAMETERS), words), max_size=3))
    query = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in asked)
    headers = {"Content-Type": data.draw(st.sampled_from(TYPES))}
    url = f"{BELOW[endpoint.scope]}{path}?{query}"
    answer = server.ask(endpoint.method, url, root=True, content=data.draw(bodies), headers=headers)
    assert answer.status_code < 500


def escaped(word: str) -> str:
    """A word as a URL carries it; halves of characters too, which are no UTF-8."""
    return quote(word.encode("utf-8", "surrogatepass"), safe="")


def test_it_still_answers_after_all_that(server: Server) -> None:
    assert server.get("/flows/search").status_code == 200
