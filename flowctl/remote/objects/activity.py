"""What goes on around some flows right now, over the listings that every server of Kestra's API has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flowctl.model.activity import Activity
from flowctl.model.keys import FlowKey
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects.listing import filtered_rows
from flowctl.remote.objects.triggers import trigger_of

MOVING = (
    "CREATED", "SUBMITTED", "QUEUED", "RUNNING", "PAUSED", "RESTARTED", "KILLING", "RETRYING", "BREAKPOINT",
    "RESUBMITTED",
)  # fmt: skip
"""States of executions that are not at their end."""


def read_activity(transport: Transport, flows: Sequence[FlowKey]) -> Activity:
    """Executions that are not at their end, and triggers: two listings for each namespace of the flows."""
    executions: dict[FlowKey, dict[str, int]] = {}
    triggers = []
    wanted = frozenset(flows)
    for narrowed in _filters(wanted):
        moving = narrowed | {"filters[state][IN]": ",".join(MOVING)}
        counted = count_executions(filtered_rows(transport, "/executions/search", moving, "state.startDate:asc"))
        executions |= {key: states for key, states in counted.items() if key in wanted}
        found = map(trigger_of, filtered_rows(transport, "/triggers/search", narrowed, "triggerId:asc"))
        triggers += [trigger for trigger in found if trigger.flow in wanted]
    return Activity(executions, tuple(triggers))


def count_executions(rows: Iterable[Mapping[str, object]]) -> dict[FlowKey, dict[str, int]]:
    """How many of the listed executions a flow has in each state."""
    found: dict[FlowKey, dict[str, int]] = {}
    for row in rows:
        counts = found.setdefault(FlowKey(str(row.get("namespace")), str(row.get("flowId"))), {})
        counts[_state(row)] = counts.get(_state(row), 0) + 1
    return found


def _filters(flows: Iterable[FlowKey]) -> Iterator[dict[str, str]]:
    """One set of filters for each namespace; a flow that is alone in its namespace is asked for by name."""
    spaces: dict[str, list[str]] = {}
    for flow in sorted(flows):
        spaces.setdefault(flow.namespace, []).append(flow.id)
    for namespace, ids in spaces.items():
        alone = {"filters[flowId][EQUALS]": ids[0]} if len(ids) == 1 else {}
        yield {"filters[namespace][EQUALS]": namespace} | alone


def _state(row: Mapping[str, object]) -> str:
    state = row.get("state")
    return str(state.get("current")) if isinstance(state, dict) else str(state)
