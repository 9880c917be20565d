"""Single flows: read, create, update, delete."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.errors import ServerError, ServerRefused, ServerUnreachable
from flowctl.flowtext.digests import text_digest
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveFlow
from flowctl.remote.http import failures
from flowctl.remote.http.transport import YAML, Answer, Transport
from flowctl.remote.objects import paths
from flowctl.remote.objects.revisions import read_revisions
from flowctl.remote.port import Written
from flowctl.remote.times import from_iso

# What a server answers to a create whose flow is there already: 1.x and the 2.0 snapshot 422, the 2.0 release 409.
DUPLICATE = (409, 422)


def read_flow(transport: Transport, key: FlowKey) -> LiveFlow | None:
    """A flow with its exact text, or None when it is absent, deleted or nothing but a draft. What counts is the newest
    revision that is no draft: that is what runs, and what listings and exports show."""
    found, _ = _deployed(transport, key)
    return found


def _deployed(transport: Transport, key: FlowKey) -> tuple[LiveFlow | None, bool]:
    """What is deployed of a flow, and whether there is a draft after it."""
    answer = transport.get(transport.tenant(paths.flow(key)), params={"source": "true"}, expect=(404,))
    if answer.status == 404:
        return None, False
    if answer.mapping().get("draft") is True:
        return _under_draft(transport, key), True
    return _live(answer, key), False


def _under_draft(transport: Transport, key: FlowKey) -> LiveFlow | None:
    found = read_revisions(transport, key)
    if not found or found[-1].deleted:
        return None
    path, number = transport.tenant(paths.flow(key)), str(found[-1].revision)
    return _live(transport.get(path, params={"source": "true", "revision": number}), key)


def create_flow(transport: Transport, key: FlowKey, source: str) -> Written:
    """Create a flow. When the answer is lost, the server is asked what it has; a create is never sent twice. Of a flow
    that is nothing but a draft, the text becomes the first that is deployed.

    Raises:
        ServerRefused: among others S204 when another flow is there already.
        ServerUnreachable: nobody knows whether it was created, and reading it back did not tell.
    """
    try:
        return _written(transport.send("POST", transport.tenant("/flows"), content=source.encode(), headers=YAML))
    except ServerRefused as error:
        if error.status not in DUPLICATE and error.status < 500:
            raise
        return _read_back(transport, key, source, error)
    except ServerUnreachable as error:
        if not error.sent:
            raise
        return _read_back(transport, key, source, error)


def _read_back(transport: Transport, key: FlowKey, source: str, error: ServerError) -> Written:
    """What a create of unknown outcome left, if it is our text; a draft alone gives way to it. Otherwise the error
    stands."""
    try:
        found, drafted = _deployed(transport, key)
        if found is None and drafted:
            return update_flow(transport, key, source)
    except ServerError:
        raise error from None
    if found is None or found.source != source:
        raise error
    return Written(found.revision, found.digest)


def update_flow(transport: Transport, key: FlowKey, source: str) -> Written:
    """Save a flow that exists; the same text keeps its revision, so repeating this is safe."""
    path = transport.tenant(paths.flow(key))
    return _written(transport.send("PUT", path, content=source.encode(), headers=YAML))


def delete_flow(transport: Transport, key: FlowKey) -> bool:
    """Delete a flow; False when there was none."""
    return transport.send("DELETE", transport.tenant(paths.flow(key)), expect=(404,)).status != 404


def _written(answer: Answer) -> Written:
    body = answer.mapping()
    return Written(_revision(answer, body), text_digest(_source(answer, body)))


def _live(answer: Answer, key: FlowKey) -> LiveFlow:
    body = answer.mapping()
    source = _source(answer, body)
    return LiveFlow(
        key,
        _revision(answer, body),
        text_digest(source),
        disabled=body.get("disabled") is True,
        source=source,
        updated=from_iso(body.get("updated")),
    )


def _source(answer: Answer, body: Mapping[str, object]) -> str:
    source = body.get("source")
    if not isinstance(source, str):
        raise failures.odd_shape(answer.asked, "a flow without its source")
    return source


def _revision(answer: Answer, body: Mapping[str, object]) -> int:
    revision = body.get("revision")
    if not isinstance(revision, int):
        raise failures.odd_shape(answer.asked, "a flow without a revision")
    return revision
