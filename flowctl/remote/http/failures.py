"""What went wrong with a request, as diagnostics that say what to do. Nothing here ever holds a credential."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from flowctl.errors import ServerRefused, ServerUnreachable
from flowctl.model.diagnostic import Diagnostic
from flowctl.remote.http.asked import Asked
from flowctl.remote.http.proxies import VARIABLES
from flowctl.remote.http.statuses import meaning
from flowctl.remote.http.tls_failures import is_tls, tls_failure

MOST_TEXT = 2000
MOST_ERRORS = 20


def refused(asked: Asked, status: int, body: bytes, content_type: str, retry_after: float | None) -> ServerRefused:
    """The error for an answer with an error status."""
    said = "" if asked.private else explanation(body, content_type)
    code, what, hint = meaning(asked, status, said, retry_after)
    detail = f"{asked} answered {status}" + (f": {said}" if said else "")
    return ServerRefused(
        Diagnostic(code, "error", f"the server {asked.server} {what} ({status})", detail, hint),
        status=status,
        retry_after=retry_after,
    )


def redirected(asked: Asked, status: int, location: str) -> ServerRefused:
    """S215: a redirect is not followed, for it would carry the credentials elsewhere. Its query is not shown."""
    parts = urlsplit(location)
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    detail = f"{asked} answered {status}: go to {host}{parts.path}" if location else f"{asked} answered {status}"
    hint = "write that address as `server` if it is the API's; a login page means that the API is elsewhere"
    summary = f"the server {asked.server} sends requests elsewhere ({status})"
    return ServerRefused(Diagnostic("S215", "error", summary, detail, hint), status=status)


def explanation(body: bytes, content_type: str) -> str:
    """What an error body says, of either generation (`message` with `_embedded`, or RFC 9457); short."""
    text = body[: MOST_TEXT * 4].decode("utf-8", "replace").strip()
    if not text:
        return "an empty body"
    if "html" in content_type or text[:1] == "<":
        return "an HTML page, so this is a proxy or another web server rather than the API"
    try:
        data = json.loads(body)
    except ValueError:
        return _short(text)
    return _short(_from_json(data)) if isinstance(data, dict) else _short(text)


def _from_json(data: Mapping[str, object]) -> str:
    main = next((str(data[name]) for name in ("message", "detail", "title") if data.get(name)), "")
    embedded = data.get("_embedded")
    errors = data.get("errors") or (embedded.get("errors") if isinstance(embedded, dict) else None)
    lines = [_error_line(item) for item in errors[:MOST_ERRORS]] if isinstance(errors, list) else []
    return "\n".join([main, *(f"  {line}" for line in lines if line and line not in main)]).strip()


def _error_line(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    place = item.get("path") or item.get("pointer") or ""
    said = item.get("detail") or item.get("message") or ""
    return f"{place}: {said}" if place else str(said)


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + " …"


def not_json(asked: Asked, body: bytes, content_type: str) -> ServerUnreachable:
    """The error for a success whose body is not what was promised: a proxy's page, or half a body."""
    said = explanation(body, content_type) if body else "nothing"
    if asked.private:
        said = f"{len(body)} bytes"
    return unreachable(
        "S209",
        asked,
        "does not answer as a Kestra server",
        f"{asked} answered with {said}" if body else f"{asked} answered with an empty body",
        "check `server` of the environment: it must be the API's own address, past any login page or proxy",
        sent=True,
    )


def odd_shape(asked: Asked, what: str) -> ServerUnreachable:
    """The error for JSON of a shape that nothing in the API has."""
    return unreachable(
        "S210",
        asked,
        "answers in a form that flowctl does not know",
        f"{asked}: {what}",
        "check the server's version against docs/promises.md; report this if it is supported",
        sent=True,
    )


def unreachable(code: str, asked: Asked, what: str, detail: str, hint: str, *, sent: bool) -> ServerUnreachable:
    """An error without a usable answer."""
    return ServerUnreachable(Diagnostic(code, "error", f"the server {asked.server} {what}", detail, hint), sent=sent)


def no_answer(asked: Asked, error: Exception, proxy: str | None = None) -> ServerUnreachable:
    """The error for an exception of httpx: which of DNS, refusal, TLS, timeout or a broken connection it was.

    `proxy` is HOST:PORT of the proxy on the way.
    """
    import httpx

    text = f"{asked}: {_reason(error)}"
    if isinstance(error, httpx.TimeoutException):
        sent = not isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
        hint = "raise `timeout` of the environment, or check the network and the server's load"
        return unreachable("S113", asked, "did not answer in time", text, hint, sent=sent)
    if isinstance(error, httpx.ProxyError):
        return _no_proxy(asked, text, proxy)
    if is_tls(_reason(error)):
        what, hint = tls_failure(_reason(error))
        return unreachable("S114", asked, what, text, hint, sent=False)
    if isinstance(error, httpx.ConnectError):
        return _no_connection(asked, text) if proxy is None else _no_proxy(asked, text, proxy)
    hint = f"the request may have arrived; run {asked.plan} to see what the server has"
    if asked.server.startswith("http://"):
        hint += "; a server that speaks TLS alone wants https:// in `server`"
    return unreachable("S115", asked, "broke the connection off", text, hint, sent=True)


def _no_proxy(asked: Asked, text: str, proxy: str | None) -> ServerUnreachable:
    through = f"the proxy {proxy}" if proxy is not None else "the proxy"
    return unreachable("S116", asked, f"cannot be reached through {through}", text, f"check {VARIABLES}", sent=False)


def _no_connection(asked: Asked, text: str) -> ServerUnreachable:
    names = ("name or service", "getaddrinfo", "nodename", "name resolution", "no address")
    if any(word in text.lower() for word in names):
        hint = "check the host name in `server` of the environment, and the network"
        return unreachable("S111", asked, "has no address", text, hint, sent=False)
    hint = "check that it runs and listens there (`flowctl server status` for the bundled one)"
    return unreachable("S112", asked, "cannot be reached", text, hint, sent=False)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
