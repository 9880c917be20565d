"""What an answer with an error status means, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from flowctl.remote.http.asked import Asked

_STATUSES: Mapping[int, tuple[str, str, str]] = {
    401: (
        "S201",
        "does not accept the credentials",
        "check the variables that `auth` of the environment names; a token may have expired",
    ),
    403: (
        "S202",
        "does not allow this",
        "the credentials are valid but lack a permission: use an account that may write flows, files and key-values",
    ),
    404: (
        "S203",
        "knows no such route or object",
        "check `server` and `tenant` of the environment, and that a Kestra-compatible server answers there",
    ),
    409: ("S204", "reports a conflict", "somebody else changed the object meanwhile: make a new plan"),
    413: (
        "S205",
        "takes no request of this size",
        "make the object smaller, or raise the limit of the server or of the proxy in front of it",
    ),
    422: ("S206", "cannot process the content", "correct what the server names and plan again"),
    429: ("S207", "is asked too often", ""),
}
_BROKEN = ("S208", "failed inside", "")
_OTHER = ("S211", "refused the request", "the server's words above say why; check server and tenant")
_OPERATION = re.compile(r"/api/v1/[^/]+/(?:(executions|triggers)\b|namespaces/[^/]+/(secrets)\b)")
_OPERATION_HINTS: Mapping[int, str] = {
    400: "correct what the server names and run the command again",
    404: "check the names, and the environment (-e)",
    409: "the state it is in does not allow this: the server's words above say why",
    422: "correct what the server names and run the command again",
}
"""What to do about requests that deploy nothing: no plan will help."""
_NOT_STARTED = "disabled"
"""What a server says when a disabled flow is started (recorded: "Requested Flow is disabled.")."""


def meaning(asked: Asked, status: int, said: str, retry_after: float | None) -> tuple[str, str, str]:
    """Code, what the server does, and what to do. `said` are the server's words, `retry_after` seconds."""
    code, what, hint = _STATUSES.get(status, _BROKEN if status >= 500 else _OTHER)
    return code, what, _hint(asked, status, said, retry_after) or hint


def _hint(asked: Asked, status: int, said: str, retry_after: float | None) -> str | None:
    """What to do that depends on the request; None where the status says it all."""
    operation = _OPERATION.search(asked.path)
    if status == 429:
        return _later(asked, retry_after)
    if status == 409 and _NOT_STARTED in said.lower():
        return f"nothing starts a disabled flow: enable it, or wait when an apply drains it ({asked.plan} says so)"
    if status >= 500:
        return _when_healthy(asked, operation[1] or operation[2] if operation else None)
    if operation:
        return _OPERATION_HINTS.get(status)
    return _without_api(asked.server) if status == 404 else None


def _later(asked: Asked, seconds: float | None) -> str:
    wait = "wait" if seconds is None else f"wait {seconds:g} second{'' if seconds == 1 else 's'}"
    file = f"environments/{asked.environment}.yaml" if asked.environment else "the environment"
    return f"{wait} and run the command again, or lower `parallelism` in {file}"


def _when_healthy(asked: Asked, operated: str | None) -> str:
    """`operated` is what an operation was about: it may have been carried out before the server failed."""
    why = "the server's log says why"
    if operated is None:
        return f"{why}; run the command again when it is healthy, {asked.plan} shows what is left"
    if asked.method == "GET":
        return f"{why}; run the command again when it is healthy"
    where = f" -e {asked.environment}" if asked.environment else ""
    return f"{why}; it may have been done all the same: look with `flowctl {operated} list{where}`"


def _without_api(server: str) -> str | None:
    path = urlsplit(server).path
    before, api, _ = f"{path}/".partition("/api/")
    if not api:
        return None
    return f"write `server: {server.removesuffix(path)}{before}`, without /api: flowctl adds that itself"
