"""The ASGI application: match, authorise, handle, and turn every failure into an answer."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from flowctl.engine.api.context import Context
from flowctl.engine.api.dialects import DIALECTS
from flowctl.engine.api.executions.concealing import concealed, concerns
from flowctl.engine.api.flows.checking import FlowChecker
from flowctl.engine.api.http.auth import Gate
from flowctl.engine.api.http.endpoint import Access, Endpoint
from flowctl.engine.api.http.problems import Problem, not_found, render
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.http.routing import Match, Router, segments
from flowctl.engine.api.routes import all_endpoints
from flowctl.engine.settings import Settings
from flowctl.engine.store import Store, StoreError, StoreFull

LOG = logging.getLogger("flowctl.server")
CAPABILITIES = (b"flowctl-capabilities", b"state,batch")
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_app(
    store: Store,
    settings: Settings,
    *,
    endpoints: Sequence[Endpoint] | None = None,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The application over an open store. `app.state.context` is the `Context` that handlers get.

    `endpoints` replaces the route table (tests); the store is not closed here.
    """
    dialect = DIALECTS[settings.dialect]
    context = Context(store, settings, dialect, FlowChecker(settings.dialect))
    router = Router(all_endpoints() if endpoints is None else endpoints, settings.dialect)
    app = Starlette(routes=[Mount("", app=Api(context, router))], lifespan=lifespan or _nothing)
    app.state.context = context
    return app


@asynccontextmanager
async def _nothing(_: Starlette) -> AsyncIterator[None]:
    yield


class Api:
    """Answers every request below the root."""

    def __init__(self, context: Context, router: Router) -> None:
        self._context, self._router = context, router
        self._gate = Gate(context.settings.credentials)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            return
        self._context.counters.requests += 1
        response = await self._answer(scope, receive)
        if response is None:
            return
        response.raw_headers.append(CAPABILITIES)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        request: ApiRequest | None = None
        match = Match(None, {})
        try:
            self._within_limits(scope)
            match = self._match(scope)
            self._authorise(scope, match)
            endpoint = self._endpoint(match, scope)
            request = ApiRequest(scope, receive, self._context, match.params)
            return self._conceal(endpoint, await endpoint.handle(request))
        except ClientDisconnect:
            return None
        except Exception as error:
            return self._conceal(match.endpoint, self._refuse(error, scope, match))

    def _conceal(self, endpoint: Endpoint | None, response: Response) -> Response:
        conceal = self._context.conceal
        return concealed(response, conceal) if conceal and endpoint and concerns(endpoint) else response

    def _match(self, scope: Scope) -> Match:
        path = segments(scope.get("raw_path") or scope["path"].encode())
        return self._router.match(scope["method"], path) if path is not None else Match(None, {})

    def _within_limits(self, scope: Scope) -> None:
        limits = self._context.limits
        if len(scope["query_string"]) > limits.query_bytes:
            raise Problem(414, "uri-too-long", f"the query may have at most {limits.query_bytes} bytes")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > limits.header_bytes:
            raise Problem(431, "headers-too-large", f"headers may have at most {limits.header_bytes} bytes")

    def _authorise(self, scope: Scope, match: Match) -> None:
        """By the route; below `/api` also where there is none, so that strangers learn nothing of the table."""
        if match.endpoint:
            access = match.endpoint.access
        elif scope["path"].startswith("/api/"):
            access = Access.READ
        else:
            return
        header = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        self._gate.check(header, access)

    def _endpoint(self, match: Match, scope: Scope) -> Endpoint:
        if match.endpoint:
            return match.endpoint
        if match.allowed:
            raise Problem(
                405,
                "method-not-allowed",
                f"{scope['method']} is not there; {', '.join(match.allowed)} is",
                headers={"Allow": ", ".join(match.allowed)},
            )
        raise not_found("no such route")

    def _refuse(self, error: Exception, scope: Scope, match: Match) -> Response:
        problem = self._problem(error, scope)
        counters = self._context.counters
        counters.refused += 1
        counters.failed += problem.status >= 500
        if problem.status == 404:
            problem.headers["X-Kestra-Edition"] = "OSS"
            problem.headers["X-Kestra-Route-Matched"] = "true" if match.endpoint else "false"
        return render(problem, scope["path"], modern=self._context.dialect.problem_bodies)

    def _problem(self, error: Exception, scope: Scope) -> Problem:
        if isinstance(error, Problem):
            return error
        if isinstance(error, StoreFull):
            return Problem(507, "insufficient-storage", f"nothing was written: {error}")
        if isinstance(error, (StoreError, sqlite3.OperationalError)):
            LOG.error("store: %s", error)
            return Problem(503, "service-unavailable", f"nothing was written: {error}", headers={"Retry-After": "1"})
        LOG.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
        return Problem(500, "internal-error", "an error inside the server; its log says more")
