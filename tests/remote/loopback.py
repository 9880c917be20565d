"""The real bundled server on a loopback port, in a thread of the test process."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal

import httpx
import uvicorn
from starlette.applications import Starlette

from flowctl.engine.api.app import create_app
from flowctl.engine.components import components
from flowctl.engine.settings import Credentials, Settings
from flowctl.engine.store import Store, utc_now
from flowctl.model.environment import Auth, Dialect, Environment
from flowctl.remote.client import HttpServer, connect

TOKEN = "loopback-token"
DEADLINE = 120.0


class Hidden(httpx.BaseTransport):
    """Takes `Flowctl-Capabilities` off every answer and hides flowctl's own routes: what is left is Kestra's API."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "/flowctl/" in request.url.path:
            return httpx.Response(404, json={"message": "Not Found"})
        answer = self._inner.handle_request(request)
        answer.headers.pop("flowctl-capabilities", None)
        return answer

    def close(self) -> None:
        self._inner.close()


class Running:
    """A server that answers at `url`; `connect` gives the client under test."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url, self._directory = url, directory

    def environment(self, namespace: str = "dev", *, plain: bool = False, parallelism: int = 4) -> Environment:
        return Environment(
            name="dev",
            path=self._directory / "environments" / "dev.yaml",
            server=self.url if plain else "bundled",
            layers=(self._directory / "flows" / "dev",),
            namespace=namespace,
            owns=(namespace,),
            auth=Auth(token_env="LOOPBACK_TOKEN"),
            timeout=10.0,
            parallelism=parallelism,
        )

    def connect(
        self,
        environment: Environment | None = None,
        *,
        plain: bool = False,
        transport: httpx.BaseTransport | None = None,
        pauses: list[float] | None = None,
    ) -> HttpServer:
        """A client; `plain` sees a server without flowctl's own routes."""
        target = environment or self.environment(plain=plain)
        waited = pauses if pauses is not None else []
        found = connect(
            target,
            {"LOOPBACK_TOKEN": TOKEN},
            url=None if plain else self.url,
            pause=waited.append,
            transport=transport or (Hidden() if plain else None),
        )
        assert isinstance(found, HttpServer)
        return found


class _Announced(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(list(sockets) if sockets else None)
        self.ready.set()


@asynccontextmanager
async def _with_components(app: Starlette) -> AsyncIterator[None]:
    parts = components(app.state.context)
    for part in parts:
        await part.start()
    yield
    for part in reversed(parts):
        await part.stop()


@contextmanager
def running(directory: Path, dialect: Dialect = "2.0", *, works: bool = False) -> Iterator[Running]:
    """A server over a store in `directory`. With `works` it runs executions and evaluates triggers as well."""
    store = Store.open(directory / "data", utc_now, {})
    listener = socket.create_server(("127.0.0.1", 0))
    settings = Settings(directory / "data", dialect=dialect, credentials=Credentials(token=TOKEN))
    app = create_app(store, settings, lifespan=_with_components if works else None)
    lifespan: Literal["on", "off"] = "on" if works else "off"
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan=lifespan, ws="none")
    server = _Announced(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert server.ready.wait(DEADLINE)
        yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", directory)
    finally:
        server.should_exit = True
        thread.join(DEADLINE)
        listener.close()
        store.close()
