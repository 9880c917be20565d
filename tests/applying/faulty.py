"""A network that fails where a test wants it: before the server sees a request, or after it carried it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

Matches = Callable[[httpx.Request], bool]


@dataclass
class Fault:
    """One fault. `answer` is what comes instead; `delivered` lets the server carry the request out first."""

    matches: Matches
    answer: httpx.Response | Exception
    delivered: bool = False
    times: int = 1


class Faulty(httpx.BaseTransport):
    """The network with faults."""

    def __init__(self, inner: httpx.BaseTransport | None = None) -> None:
        self._inner = inner or httpx.HTTPTransport()
        self.faults: list[Fault] = []
        self.sent: list[str] = []
        self.before: Callable[[httpx.Request], None] = lambda _: None
        self.after: Callable[[httpx.Request], None] = lambda _: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.before(request)
        self.sent.append(f"{request.method} {request.url.path.removeprefix('/api/v1/main')}")
        for fault in self.faults:
            if fault.times and fault.matches(request):
                fault.times -= 1
                if fault.delivered:
                    self._inner.handle_request(request).read()
                if isinstance(fault.answer, Exception):
                    raise fault.answer
                return fault.answer
        answer = self._inner.handle_request(request)
        answer.read()
        self.after(request)
        return answer

    def close(self) -> None:
        self._inner.close()


def writes_flow(id_: str, *methods: str) -> Matches:
    """A create or update of a flow, or what `methods` says."""

    def matches(request: httpx.Request) -> bool:
        if request.method not in (methods or ("POST", "PUT")):
            return False
        return request.url.path.endswith(f"/{id_}") or f"id: {id_}\n".encode() in request.content

    return matches


def writes_value(key: str) -> Matches:
    """A single write of a key-value."""
    return lambda request: request.method == "PUT" and request.url.path.endswith(f"/kv/{key}")


def is_batch(request: httpx.Request) -> bool:
    """A batch that has more than a lock in it."""
    return request.url.path.endswith("/flowctl/batch") and b'"flowctl.ledger"' in request.content
