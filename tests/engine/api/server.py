"""The real application over a real store, called in process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from flowctl.engine.api.app import create_app
from flowctl.engine.api.runtime import ExecutorPart
from flowctl.engine.settings import Credentials, Limits, Settings
from flowctl.engine.store import Store
from flowctl.model.environment import Dialect

TOKEN, READONLY = "full-token", "reading-token"
USER, PASSWORD = "admin@example.com", "Secret-pass1"
CREDENTIALS = Credentials(USER, PASSWORD, TOKEN, READONLY)
YAML = {"Content-Type": "application/x-yaml"}


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Server:
    """Requests to the application, one after the other, with the full token unless told otherwise."""

    def __init__(self, app: Starlette, store: Store, clock: Clock) -> None:
        self.app, self.store, self.clock = app, store, clock

    def ask(
        self, method: str, path: str, *, token: str | None = TOKEN, root: bool = False, **kw: Any
    ) -> httpx.Response:
        headers = dict(kw.pop("headers", None) or {})
        if token:
            headers.setdefault("Authorization", f"Bearer {token}")
        url = path if root or path.startswith(("/api/", "//")) else f"/api/v1/main{path}"

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
                return await client.request(method, url, headers=headers, **kw)

        return asyncio.run(go())

    def get(self, path: str, **kw: Any) -> httpx.Response:
        return self.ask("GET", path, **kw)

    def post(self, path: str, **kw: Any) -> httpx.Response:
        return self.ask("POST", path, **kw)

    def put(self, path: str, **kw: Any) -> httpx.Response:
        return self.ask("PUT", path, **kw)

    def delete(self, path: str, **kw: Any) -> httpx.Response:
        return self.ask("DELETE", path, **kw)

    def save(self, source: str) -> httpx.Response:
        return self.post("/flows", content=source, headers=YAML)

    def update(self, namespace: str, id_: str, source: str) -> httpx.Response:
        return self.put(f"/flows/{namespace}/{id_}", content=source, headers=YAML)


def flow(id_: str = "f", namespace: str = "company.team", message: str = "hello", extra: str = "") -> str:
    """A small sound flow."""
    return (
        f"id: {id_}\nnamespace: {namespace}\n{extra}tasks:\n  - id: log\n"
        f"    type: io.kestra.plugin.core.log.Log\n    message: {message}\n"
    )


@contextmanager
def running(
    directory: Path, dialect: Dialect = "2.0", limits: Limits | None = None, *, engine: bool = False
) -> Iterator[Server]:
    """A server over a store in a directory; with `engine`, its executor runs too."""
    clock = Clock()
    store = Store.open(directory, clock, {})
    try:
        settings = Settings(directory, dialect=dialect, credentials=CREDENTIALS, limits=limits or Limits())
        app = create_app(store, settings)
        with executing(app) if engine else nullcontext():
            yield Server(app, store, clock)
    finally:
        store.close()


@contextmanager
def executing(app: Starlette) -> Iterator[None]:
    """The executor beside an application."""
    part = ExecutorPart(app.state.context)
    asyncio.run(part.start())
    try:
        yield
    finally:
        asyncio.run(part.stop())
