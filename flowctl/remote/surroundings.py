"""What a server of Kestra's API tells beside the objects, in requests that do not grow with the flows: what runs, and
the names of secrets. Where it does not tell, or not all of it, the answer is None: not to be checked, never passed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from flowctl.errors import ServerError
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.remote.activity import MOVING, count_executions
from flowctl.remote.listing import filtered_rows, namespace_filter
from flowctl.remote.state import patterns
from flowctl.remote.transport import Transport

MOST = 20_000
"""So many executions that are not at their end are counted; where there are more, a plan does not wait for all."""

Counts = Mapping[FlowKey, Mapping[str, int]]


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
