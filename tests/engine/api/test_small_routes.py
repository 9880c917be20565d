"""Names of filters and functions, expressions without an execution, and concurrency limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.api.server import YAML, Server, flow, running

LIMITED = (
    "id: held\nnamespace: company.team\nconcurrency: {limit: 1}\ntasks:\n"
    "  - {id: stop, type: io.kestra.plugin.core.flow.Pause}\n"
)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path, engine=True) as server:
        yield server


def test_filters_and_functions_are_named(api: Server) -> None:
    filters, functions = api.get("/api/v1/pebble/filters").json(), api.get("/api/v1/pebble/functions").json()
    assert {"upper", "date", "jq"} <= set(filters)
    assert {"secret", "kv", "fromJson"} <= set(functions)
    assert "json" not in functions
    assert filters == sorted(filters)


GROUPS = {
    "taskOutputs",
    "executionContext",
    "inputs",
    "variables",
    "secrets",
    "kvPairs",
    "namespaceFiles",
    "filters",
    "functions",
    "appContext",
}


def test_an_editor_is_told_what_an_expression_can_name(api: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OUTSIDE", "eA==")
    api.put("/namespaces/company/secrets", json={"key": "ABOVE", "value": "v"})
    api.put("/namespaces/company.team/kv/k", content='"v"', headers={"Content-Type": "application/json"})
    api.post("/namespaces/company.team/files?path=/a/b.sql", files={"fileContent": b"x"})
    found = api.post("/flows/expressions", content=flow(), headers=YAML).json()
    assert set(found) == GROUPS
    assert found["secrets"] == ["secret('ABOVE')", "secret('OUTSIDE')"]
    assert (found["kvPairs"], found["namespaceFiles"]) == (["kv('k')"], ["read('a/b.sql')"])
    assert {"upper", "jq"} <= set(found["filters"])
    assert "execution.id" in found["executionContext"]


@pytest.mark.parametrize(
    ("query", "text", "status"),
    [("?taskId=log", flow(), 200), ("?taskId=nobody", flow(), 404), ("", "id: [", 422), ("", "", 422)],
)
def test_what_an_editor_may_ask(api: Server, query: str, text: str, status: int) -> None:
    assert api.post(f"/flows/expressions{query}", content=text, headers=YAML).status_code == status


@pytest.mark.parametrize(
    ("expression", "member", "said"),
    [("{{ 1 + n }}", "result", "3"), ("{{ gone }}", "error", "gone"), ("{{ secret('X') }}", "error", "secret")],
)
def test_an_expression_is_rendered(api: Server, expression: str, member: str, said: str) -> None:
    answer = api.post("/expressions/render", json={"expression": expression, "variables": {"n": 2}})
    assert answer.status_code == 200
    assert said in answer.json()[member]


def test_a_bomb_ends_with_an_error(api: Server) -> None:
    text = "{% for i in range(1, 100000) %}{% for j in range(1, 100000) %}x{% endfor %}{% endfor %}"
    assert "error" in api.post("/expressions/render", json={"expression": text}).json()


@pytest.mark.parametrize("body", [[], {}, {"expression": 1}, {"expression": "x", "variables": []}])
def test_another_body_is_refused(api: Server, body: object) -> None:
    expected = 200 if body == {"expression": "x", "variables": []} else 422
    assert api.post("/expressions/render", json=body).status_code == expected


def test_concurrency_is_counted(api: Server) -> None:
    api.save(flow())
    api.save(LIMITED)
    for _ in range(2):
        api.post("/executions/company.team/held", files={"__none": (None, "x")})
    row = {"tenantId": "main", "namespace": "company.team", "flowId": "held", "running": 1}
    assert api.get("/concurrency-limit/search").json() == {"results": [row], "total": 1}
    assert api.put("/concurrency-limit/company.team/held", json={"running": 9}).json() == row
    assert api.put("/concurrency-limit/company.team/f", json={"running": 9}).status_code == 404


def test_a_secret_is_described_anew(api: Server) -> None:
    api.put("/namespaces/company/secrets", json={"key": "TOKEN", "value": "v", "description": "old"})
    answer = api.ask("PATCH", "/namespaces/company/secrets/TOKEN", json={"description": "new"})
    row = {"key": "TOKEN", "namespace": "company", "description": "new", "tags": []}
    assert (answer.status_code, answer.json()) == (200, [row])
    assert _secrets(api) == [{"key": "TOKEN", "namespace": "company", "description": "new"}]
    api.ask("PATCH", "/namespaces/company/secrets/TOKEN", json={"description": None})
    assert _secrets(api) == [{"key": "TOKEN", "namespace": "company"}]


@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("GONE", {"description": "d"}, 404),
        ("TOKEN", {}, 422),
        ("TOKEN", [], 422),
        ("TOKEN", {"description": 1}, 422),
        ("TOKEN", {"description": "d", "value": "w"}, 422),
    ],
    ids=["no-such-secret", "nothing", "list", "number", "value"],
)
def test_what_cannot_be_changed_of_a_secret(api: Server, key: str, body: object, status: int) -> None:
    api.put("/namespaces/company/secrets", json={"key": "TOKEN", "value": "v", "description": "old"})
    assert api.ask("PATCH", f"/namespaces/company/secrets/{key}", json=body).status_code == status
    assert _secrets(api) == [{"key": "TOKEN", "namespace": "company", "description": "old"}]


def _secrets(api: Server) -> list[dict[str, object]]:
    found: list[dict[str, object]] = api.get("/secrets").json()["results"]
    return [row for row in found if "namespace" in row]
