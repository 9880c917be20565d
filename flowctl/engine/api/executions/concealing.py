"""Known secret values never leave in an answer about executions, whatever a task did with them."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable

from starlette.responses import Response, StreamingResponse

from flowctl.engine.api.http.endpoint import Endpoint

PLACES = ("/executions", "/outputs", "/logs", "/metrics")
TEXTS = ("application/json", "application/problem+json", "text/")
Conceal = Callable[[bytes], bytes]


def concerns(endpoint: Endpoint) -> bool:
    """Whether a route's answers tell of executions; charts of dashboards do."""
    return endpoint.path.startswith(PLACES) or "/charts/" in endpoint.path


def concealed(response: Response, conceal: Conceal) -> Response:
    """The answer with secret values hidden. Files that tasks wrote go out as they are."""
    if not response.headers.get("content-type", "").startswith(TEXTS):
        return response
    if isinstance(response, StreamingResponse):
        response.body_iterator = _pieces(response.body_iterator, conceal)
        return response
    body = conceal(bytes(response.body))
    if body != response.body:
        response.body = body
        response.headers["content-length"] = str(len(body))
    return response


async def _pieces(pieces: AsyncIterable[object], conceal: Conceal) -> AsyncIterator[bytes]:
    """Each event and each log line is one piece, so no value stands across two."""
    async for piece in pieces:
        yield conceal(piece if isinstance(piece, bytes) else str(piece).encode())
