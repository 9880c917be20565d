"""What a server of Kestra's API tells beside the objects, in requests that do not grow with the flows: what runs, the
names of secrets, and who calls whom. Where it does not tell, or not all of it, the answer is None: not to be checked,
never passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from flowctl.errors import ServerError
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects import paths
from flowctl.remote.objects.activity import MOVING, count_executions
from flowctl.remote.objects.listing import filtered_rows, namespace_filter
from flowctl.remote.state import patterns

MOST = 20_000
"""So many executions that are not at their end are counted; where there are more, a plan does not wait for all."""

Counts = Mapping[FlowKey, Mapping[str, int]]
Call = tuple[FlowKey, str, FlowKey]
"""Caller, `subflow` or `trigger`, called."""
Calls = tuple[Call, ...]
MOST_ELSEWHERE = 50
"""In so many namespaces that are not the environment's it is looked for callers of callers."""


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


def read_calls(transport: Transport, namespaces: Sequence[str]) -> tuple[Calls | None, tuple[str, ...]]:
    """Who calls whom, the flows of some namespaces on either side, and who calls those callers, at any distance: one
    request for each namespace. With it the namespaces of callers that do not tell who calls them."""
    found: set[Call] = set()
    try:
        for namespace in namespaces:
            found.update(_calls_around(transport, namespace))
    except ServerError:
        return None, ()
    unasked = _follow(transport, found, set(namespaces))
    return tuple(sorted(found, key=lambda call: (call[0], call[2], call[1]))), unasked


def _follow(transport: Transport, found: set[Call], asked: set[str]) -> tuple[str, ...]:
    """Add to `found` who calls the callers of flows in the namespaces that were `asked`."""
    around, unasked = set(found), list[str]()
    reached = {called for *_, called in found if called.namespace in asked}
    most = len(asked) + MOST_ELSEWHERE
    while farther := {caller for caller, _, called in around if called in reached} - reached:
        reached |= farther
        for namespace in sorted({key.namespace for key in farther} - asked):
            asked.add(namespace)
            try:
                around.update(_calls_around(transport, namespace) if len(asked) <= most else ())
            except ServerError:
                unasked.append(namespace)
            else:
                unasked += [namespace] * (len(asked) > most)
    found.update(call for call in around if call[2] in reached)
    return tuple(sorted(unasked))


def _calls_around(transport: Transport, namespace: str) -> Iterator[Call]:
    return _relations(transport.get(transport.tenant(paths.dependencies(namespace))).mapping())


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
