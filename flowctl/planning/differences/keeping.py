"""What somebody disabled on the server stays disabled, whatever else of the flow is deployed.

A server disables a flow by `disabled: true` in its text, so that a deployment from files would enable it again. Here
the wanted text gets the same. The ledger goes on to say what the file has: so the flow is drift until somebody enables
it, and a flow that was disabled by its own file, and is to be enabled by it, can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flowctl.flowtext.digests import text_digest
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveFlow
from flowctl.planning.differences.ownership import Ownership, ownership
from flowctl.planning.request import PlanRequest
from flowctl.planning.selection import matches


@dataclass(frozen=True, slots=True)
class Kept:
    """The request with the texts that keep flows disabled; `files` are the digests of the texts that the files have."""

    request: PlanRequest
    files: Mapping[FlowKey, str]


def keep_off(request: PlanRequest) -> Kept:
    """The request in which flows that somebody disabled on the server want to be disabled."""
    if request.options.resume_all:
        return Kept(request, {})
    texts = dict(_kept(request))
    if not texts:
        return Kept(request, {})
    flows = request.project.flows
    changed = {key: replace(flows[key], source=text, digest=text_digest(text)) for key, text in texts.items()}
    project = replace(request.project, flows={**flows, **changed})
    return Kept(replace(request, project=project), {key: flows[key].digest for key in texts})


def _kept(request: PlanRequest) -> Iterator[tuple[FlowKey, str]]:
    """The wanted texts, disabled. One that cannot be edited is not in here: it is enabled, and H13 says so."""
    off = [have for have in request.live.flows.values() if have.disabled and have.key in request.project.flows]
    if not off:
        return
    from flowctl.planning.differences.disabling import disabled_as

    owned = ownership(request.live)
    for have in off:
        if _by_somebody(have, owned, request) and not matches(have.key, request.options.resume):
            text = disabled_as(request.sources.get(have.key), request.project.flows[have.key].source)
            if text is not None:
                yield have.key, text


def _by_somebody(have: LiveFlow, owned: Ownership, request: PlanRequest) -> bool:
    """Whether a text on the server is not what flowctl wrote there, an apply that was cut short included."""
    lock, entry = request.live.lock, owned.entries.get(have.key)
    stopped = lock.stopped if lock is not None and not lock.released else ()
    if any(one.flow == have.key and one.meanwhile == have.digest for one in stopped):
        return False
    return entry is None or entry.digest != have.digest
