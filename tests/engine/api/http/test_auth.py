"""Who may do what; decided on the matched route, whatever the path looks like."""

from __future__ import annotations

import base64

import pytest

from flowctl.engine.api.http.endpoint import Access
from flowctl.engine.api.routes import all_endpoints
from tests.engine.api.server import PASSWORD, READONLY, TOKEN, USER, YAML, Server, flow


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(USER, PASSWORD), f"Bearer {READONLY}"])
def test_these_may_read(server: Server, header: str) -> None:
    assert server.get("/flows/search", token=None, headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        "Basic ###",
        basic(USER, "wrong"),
        basic("other", PASSWORD),
        basic(TOKEN, ""),
        f"Digest {TOKEN}",
    ],
)
def test_these_may_not(server: Server, header: str) -> None:
    answer = server.get("/flows/search", token=None, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Basic"


def test_a_reading_token_reads_by_any_method_and_writes_nothing(server: Server) -> None:
    assert server.post("/flows/validate", token=READONLY, content=flow(), headers=YAML).status_code == 200
    assert server.post("/flowctl/sources", token=READONLY, json={"flows": []}).status_code == 200
    for method, path in (
        ("POST", "/flows"),
        ("PUT", "/flows/a/b"),
        ("DELETE", "/flows/a/b"),
        ("POST", "/flowctl/batch"),
        ("PUT", "/namespaces/a/kv/k"),
        ("DELETE", "/flows/delete/by-query"),
        ("POST", "/executions/a/b"),
    ):
        assert server.ask(method, path, token=READONLY).status_code == 403, path


def test_every_route_that_needs_no_credentials_is_known() -> None:
    open_routes = {endpoint.path for endpoint in all_endpoints() if endpoint.access is Access.OPEN}
    webhooks = {path for path in open_routes if path.startswith("/executions/webhook/")}
    assert open_routes - webhooks == {"/configs/login", "/flowctl/ready"}


def test_every_route_is_closed_to_strangers(server: Server) -> None:
    for endpoint in all_endpoints():
        if endpoint.access is Access.OPEN:
            continue
        path = endpoint.path.replace("...}", "}").replace("{", "x").replace("}", "x")
        for prefix in ("/api/v1", "/api/v1/main"):
            assert server.ask(endpoint.method, prefix + path, token=None).status_code == 401, path


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/main/flows/search/configs",
        "/api/v1/main/flows/search/configs/login",
        "/api/v1/configs/login/../configs",
        "/api/v1/configs/login/..%2fconfigs",
        "/api/v1/configs/login;x/../../main/flows/search",
        "//api/v1/main/flows/search",
        "/api/v1//main/flows/search",
        "/api/v1/main/flows/search/",
        "/api/v1/main/flows/%73earch",
        "/api/v1/main/flows/search;x=1",
        "/api/v1/main/flows/search%00",
        "/api/v1/main/flows/%2e%2e/search",
        "/api/v1/main/executions/webhook/../../flows/search",
        "/api/v1/flowctl/ready/../state",
        "/api/v1/flowctl/ready%2f..%2fstate",
        "/api/v1/MAIN/flows/search",
        "/api/v1/main/Flows/search",
    ],
)
def test_odd_spellings_open_nothing(server: Server, path: str) -> None:
    server.save(flow())
    answer = server.get(path, token=None, root=True)
    assert answer.status_code in (401, 404), path
    assert "company.team" not in answer.text


def test_secrets_never_come_back(server: Server) -> None:
    for answer in (server.get("/nope", token="wrong-secret"), server.get("/flows/search", token="wrong-secret")):
        assert "wrong-secret" not in answer.text
