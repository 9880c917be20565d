"""What a server of Kestra's API tells beside the objects, in requests that do not grow with the flows: what runs, the
names of secrets, and who calls whom. Where it does not tell, or not all of it, the answer is None: not to be checked,
never passed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from flowctl.errors import ServerError
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.remote import paths
from flowctl.remote.activity import MOVING, count_executions
from flowctl.remote.listing import filtered_rows, namespace_filter
from flowctl.remote.state import patterns
from flowctl.remote.transport import Transport

MOST = 20_000
"""So many executions that are not at their end are counted; where there are more, a plan does not wait for all."""

Counts = Mapping[FlowKey, Mapping[str, int]]
Calls = tuple[tuple[FlowKey, str, FlowKey], ...]
"""Caller, `subflow` or `trigger`, called."""


def read_executions(transport: Transport, environment: Environment) -> Counts | None:
    """How many executions are not at their end, by flow and state, in the environment's namespaces."""
    found: list[Mapping[str, object]] = []
    try:
        for pattern in patterns(environment):
            wanted = namespace_filter(pattern) | {"filters[state][IN]": ",".join(MOVING)}
            listed = filtered_rows(transport, "/executions/search", wanted, "state.startDate:asc")
            found += islice(listed, MOST - len(found) + 1)
            if len(found) > MOST:
                return None
    except ServerError:
        return None
    return count_executions({str(row.get("id")): row for row in found}.values())


def read_calls(transport: Transport, namespaces: Iterable[str]) -> Calls | None:
    """Who calls whom, the flows of some namespaces on either side: one request for each namespace (API sheet 2.9)."""
    found: dict[tuple[FlowKey, str, FlowKey], None] = {}
    try:
        for namespace in namespaces:
            answer = transport.get(transport.tenant(paths.dependencies(namespace)))
            found |= dict.fromkeys(_relations(answer.mapping()))
    except ServerError:
        return None
    return tuple(sorted(found, key=lambda call: (call[0], call[2], call[1])))


def _relations(topology: Mapping[str, object]) -> Iterator[tuple[FlowKey, str, FlowKey]]:
    """An edge points the way work flows; of a Flow trigger it is the flow at its end that names the other."""
    keys = {
        row.get("uid"): FlowKey(str(row.get("namespace")), str(row.get("id"))) for row in _rows(topology.get("nodes"))
    }
    for row in _rows(topology.get("edges")):
        source, target = keys.get(row.get("source")), keys.get(row.get("target"))
        if source is not None and target is not None:
            waits = row.get("relation") == "FLOW_TRIGGER"
            yield (target, "trigger", source) if waits else (source, "subflow", target)


def _rows(found: object) -> list[Mapping[str, object]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def read_secrets(transport: Transport) -> frozenset[tuple[str, str]] | None:
    """Namespace and name of each secret; those of the server's environment have no namespace.

    A server that lists none may as well keep them where its API does not look.
    """
    try:
        listed = filtered_rows(transport, "/secrets", {}, "key:asc")
        names = [(str(row.get("namespace") or ""), str(row.get("key"))) for row in islice(listed, MOST)]
    except ServerError:
        return None
    found = frozenset((space, name if space else name.upper()) for space, name in names)
    return found if found and len(names) < MOST else None
