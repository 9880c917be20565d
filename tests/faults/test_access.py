"""Every route of every dialect, asked by strangers in every spelling that might slip past the door."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from flowctl.engine.api.http.endpoint import Access, Endpoint
from flowctl.engine.api.routes import all_endpoints
from flowctl.model.environment import Dialect
from tests.engine.api.server import READONLY, TOKEN, USER, Server, flow, running

DIALECTS: tuple[Dialect, ...] = ("2.0", "1.3", "lenient")
PREFIXES = ("/api/v1", "/api/v1/main")
MARK = "words that only whoever may read gets to see"
Answer = tuple[int, bytes]


def ask(server: Server, requests: Iterable[tuple[str, str, str | None]]) -> list[Answer]:
    """Status and body for each method, path as it is on the wire, and `Authorization` header."""

    async def one(method: str, target: str, header: str | None) -> Answer:
        path, _, query = target.partition("?")
        scope: MutableMapping[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"server")] + ([(b"authorization", header.encode())] if header else []),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        status, body = 0, b""

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")

        await server.app(scope, receive, send)
        return status, body

    async def all_of_them() -> list[Answer]:
        return [await one(*request) for request in requests]

    return asyncio.run(all_of_them())


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Dialect, Server]]:
    """A server of each dialect that has something to tell."""
    with ExitStack() as stack:
        found: dict[Dialect, Server] = {}
        for dialect in DIALECTS:
            directory: Path = tmp_path_factory.mktemp("access")
            found[dialect] = stack.enter_context(running(directory, dialect, engine=True))
            found[dialect].save(flow(message=MARK)).raise_for_status()
        yield found


def closed(dialect: Dialect) -> list[Endpoint]:
    """The routes of a dialect that are for those who have credentials."""
    return [one for one in all_endpoints() if one.access is not Access.OPEN and dialect in one.dialects]


def filled(endpoint: Endpoint) -> str:
    """A path of the route, with names that exist where there are any."""
    path = endpoint.path.replace("...}", "}")
    for name, value in (("namespace", "company.team"), ("id", "f")):
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{", "x").replace("}", "x")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


WRONG = [
    None,
    "Bearer wrong",
    f"Bearer {TOKEN}x",
    f"Bearer {TOKEN[:-1]}",
    basic(f"{USER}:"),
    f"Basic {TOKEN}",
]
SPELLINGS: dict[str, Callable[[str, str], str]] = {
    "doubled at the start": lambda prefix, path: "/" + prefix + path,
    "doubled inside": lambda prefix, path: prefix + path.replace("/", "//"),
    "a dot": lambda prefix, path: prefix + "/." + path,
    "an encoded dot": lambda prefix, path: prefix + "/%2e" + path,
    "up and back": lambda prefix, path: prefix + "/x/.." + path,
    "encoded up and back": lambda prefix, path: prefix + "/flowctl/ready/%2e%2e/%2E%2E" + path,
    "from a public place": lambda prefix, path: prefix + "/configs/login/../.." + path,
    "a parameter of a segment": lambda prefix, path: prefix + path + ";x=/configs/login",
    "a parameter before": lambda prefix, path: prefix + "/configs;x" + path,
    "a public suffix": lambda prefix, path: prefix + path + "/configs/login",
    "another public suffix": lambda prefix, path: prefix + path + "/flowctl/ready",
    "an encoded suffix": lambda prefix, path: prefix + path + "%2fflowctl%2fready",
    "a public query": lambda prefix, path: prefix + path + "?path=/api/v1/flowctl/ready",
    "an extension": lambda prefix, path: prefix + path + ".css",
    "a slash at the end": lambda prefix, path: prefix + path + "/",
    "a zero byte": lambda prefix, path: prefix + path + "%00",
    "a backslash": lambda prefix, path: prefix + path.replace("/", "\\"),
    "an encoded letter": lambda prefix, path: prefix + "/%" + f"{ord(path[1]):02x}" + path[2:],
    "large letters": lambda prefix, path: prefix + path.upper(),
    "encoded twice": lambda prefix, path: prefix + path.replace("/", "%252f"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_route_opens_without_credentials_or_with_wrong_ones(
    servers: dict[Dialect, Server], dialect: Dialect
) -> None:
    requests = [
        (one.method, prefix + filled(one), header) for one in closed(dialect) for prefix in PREFIXES for header in WRONG
    ]
    answers = ask(servers[dialect], requests)
    assert len(requests) > 1500
    assert {answer[0] for answer in answers} == {401}
    assert not any(MARK.encode() in body for _, body in answers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_spelling_of_a_path_opens_a_route(servers: dict[Dialect, Server], dialect: Dialect) -> None:
    requests = [
        (one.method, spell(prefix, filled(one)), None)
        for one in closed(dialect)
        for prefix in PREFIXES
        for spell in SPELLINGS.values()
    ]
    answers = ask(servers[dialect], requests)
    odd = [
        (request, answer) for request, answer in zip(requests, answers, strict=True) if answer[0] not in (401, 404, 405)
    ]
    assert odd == []
    assert not any(MARK.encode() in body for _, body in answers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_other_methods_of_a_route_are_closed_too(servers: dict[Dialect, Server], dialect: Dialect) -> None:
    methods = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "PROPFIND")
    requests = [(method, PREFIXES[1] + filled(one), None) for one in closed(dialect) for method in methods]
    answers = ask(servers[dialect], requests)
    assert {answer[0] for answer in answers} <= {401, 404, 405}
    assert not any(MARK.encode() in body for _, body in answers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_reading_token_writes_by_no_route(servers: dict[Dialect, Server], dialect: Dialect) -> None:
    writing = [one for one in closed(dialect) if one.access is Access.WRITE]
    answers = ask(servers[dialect], [(one.method, PREFIXES[1] + filled(one), f"Bearer {READONLY}") for one in writing])
    assert len(writing) > 50
    assert {answer[0] for answer in answers} == {403}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_whoever_has_the_token_gets_in(servers: dict[Dialect, Server], dialect: Dialect) -> None:
    """Else the tests above would hold of a server that answers nobody."""
    [(status, body)] = ask(
        servers[dialect], [("GET", "/api/v1/main/flows/company.team/f?source=true", f"Bearer {TOKEN}")]
    )
    assert status == 200
    assert MARK.encode() in body
