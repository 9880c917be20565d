"""What the target has, asked of its server where the files do not say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flowctl.cli.operating.calls import Calls
from flowctl.errors import ServerError
from flowctl.model.keys import FlowKey, KvKey
from flowctl.model.live import LiveState
from flowctl.model.promotion import PromotedFlow
from flowctl.promoting.differing import Sides
from flowctl.promoting.readiness import TargetFacts
from flowctl.promoting.uses import Uses
from flowctl.remote.port import Server


def read_facts(
    flows: Sequence[PromotedFlow],
    uses: Mapping[FlowKey, Uses],
    sides: Sides,
    live: LiveState,
    server: Server,
    calls: Calls,
) -> TargetFacts:
    """One request for all flows, one for each namespace with secrets, one for each object outside the environment."""
    environment = sides.target.environment
    outside = {
        FlowKey(one.namespace, one.flow_id)
        for flow in flows
        for one in flow.references
        if not one.dynamic and not environment.owns_namespace(one.namespace)
    }
    named = {(stated or key.namespace, name) for key, used in uses.items() for stated, name in used.values}
    values = {KvKey(*one) for one in named if not environment.owns_namespace(one[0])}
    namespaces = {stated or key.namespace for key, used in uses.items() for stated, _ in used.secrets}
    return TargetFacts(
        sides.target,
        live,
        sides.source,
        _refused(flows, uses, server),
        _secrets(sorted(namespaces), calls, server),
        _there(sorted(outside), server),
        _values(sorted(values), server),
    )


def _refused(flows: Sequence[PromotedFlow], uses: Mapping[FlowKey, Uses], server: Server) -> frozenset[str] | None:
    """The types that the server names in what it has against the promoted texts; None when it gives no opinion."""
    if not flows:
        return frozenset()
    try:
        verdicts = server.validate([(flow.target, flow.text) for flow in flows])
    except ServerError:
        return None
    return frozenset(
        name
        for verdict in verdicts
        for name in uses.get(verdict.key, Uses()).types
        if any(name in constraint for constraint in verdict.constraints)
    )


def _secrets(namespaces: Iterable[str], calls: Calls, server: Server) -> dict[str, frozenset[str]] | None:
    """The names of secrets that are seen in each namespace; a namespace that the server does not tell of is left out.

    A server that answers without a single name may as well keep them where its API does not look, so that only an
    answer with names, or one of flowctl's own server, is taken for the whole truth.
    """
    found = {}
    whole = calls.environment.bundled or server.identity.capabilities.state
    for namespace in namespaces:
        try:
            answer = calls.ask("GET", f"/namespaces/{namespace}/inherited-secrets").mapping()
        except ServerError:
            continue
        names = {str(name) for names in answer.values() if isinstance(names, list) for name in names}
        if names or whole:
            found[namespace] = frozenset(names)
    return found


def _there(keys: Iterable[FlowKey], server: Server) -> dict[FlowKey, bool]:
    found = {}
    for key in keys:
        try:
            found[key] = server.read_flow(key) is not None
        except ServerError:
            continue
    return found


def _values(keys: Iterable[KvKey], server: Server) -> dict[KvKey, bool]:
    found = {}
    for key in keys:
        try:
            found[key] = server.read_value(key) is not None
        except ServerError:
            continue
    return found
