"""Clients whose network is a function, to inject answers that a healthy server does not give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from flowctl.model.environment import Auth, Environment
from flowctl.remote.client import HttpServer, connect

SECRET = "s3cr3t-t0ken"
URL = "https://kestra.example.com"
CONFIGS = {"uuid": "u-1", "version": "2.0.0", "edition": "OSS"}
Handler = Callable[[httpx.Request], httpx.Response]


def environment(server: str = URL) -> Environment:
    return Environment(
        name="prod",
        path=Path("environments/prod.yaml"),
        server=server,
        layers=(Path("flows/prod"),),
        namespace="prod",
        owns=("prod",),
        auth=Auth(token_env="KESTRA_TOKEN"),
        timeout=0.5,
    )


def answering(
    handler: Handler, pauses: list[float] | None = None, log: list[str] | None = None, server: str = URL
) -> HttpServer:
    """A client that gets its answers from a function."""
    found = connect(
        environment(server),
        {"KESTRA_TOKEN": SECRET},
        transport=httpx.MockTransport(handler),
        pause=(pauses if pauses is not None else []).append,
        log=None if log is None else log.append,
    )
    assert isinstance(found, HttpServer)
    return found


def script(*answers: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> Handler:
    """Answers one after the other; `configs` is answered always."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/configs":
            return httpx.Response(200, json=CONFIGS)
        if seen is not None:
            seen.append(request)
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return handle


def flow_body(id_: str, source: str, revision: int = 1) -> Mapping[str, object]:
    return {"id": id_, "namespace": "prod", "revision": revision, "source": source, "disabled": False}
