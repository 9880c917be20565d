"""Which server answers, and what it can do."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.model.live import Capabilities, ServerIdentity
from flowctl.remote.http import failures
from flowctl.remote.http.transport import CAPABILITIES, Answer, Transport

CONFIGS = "/api/v1/configs"
HEALTH = "/api/v1/flowctl/health"
UNKNOWN_VERSION = "2.0.0"


def from_configs(transport: Transport, tenant: str) -> ServerIdentity:
    """A server's identity by `GET configs`, which every Kestra server has; a missing version counts as 2.x.

    Raises:
        ServerUnreachable: S210, the answer is not that of a Kestra server.
    """
    answer = transport.get(CONFIGS)
    body = answer.mapping()
    if "version" not in body and "uuid" not in body:
        raise failures.odd_shape(answer.asked, "neither `version` nor `uuid`, so this is no Kestra server")
    return ServerIdentity(
        transport.server,
        tenant,
        id=str(body.get("uuid") or transport.server),
        version=str(body.get("version") or UNKNOWN_VERSION),
        edition=str(body.get("edition") or "OSS"),
        capabilities=capabilities(answer.headers),
    )


def from_own_routes(transport: Transport, tenant: str, answer: Answer | None = None) -> ServerIdentity:
    """A bundled server's identity, from an answer of `state` or else from `health`.

    Raises:
        ServerUnreachable: S210, the answer does not say which server it is.
    """
    found = answer or transport.get(HEALTH)
    body = found.mapping()
    server = body.get("server", body)
    if not isinstance(server, dict) or "id" not in server:
        raise failures.odd_shape(found.asked, "it does not say which server it is")
    return ServerIdentity(
        transport.server,
        tenant,
        id=str(server["id"]),
        version=str(server.get("version") or UNKNOWN_VERSION),
        edition=str(server.get("edition") or "OSS"),
        capabilities=capabilities(found.headers),
    )


def capabilities(headers: Mapping[str, str]) -> Capabilities:
    """What the header `Flowctl-Capabilities` announces; nothing is assumed."""
    words = {word.strip() for word in headers.get(CAPABILITIES, "").split(",")}
    return Capabilities(state="state" in words, batch="batch" in words)
