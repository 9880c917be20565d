"""How flows have run: their executions, asked of the source's server in the routes that both generations have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from flowctl.cli.operating.calls import PAGE, Calls, Row
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveState
from flowctl.model.promotion import Evidence
from flowctl.promoting.evidence import evidence_of

MOST = 2000
"""So many executions of one flow are looked at; older ones do not count."""


def read_evidence(calls: Calls, live: LiveState, keys: Iterable[FlowKey]) -> Mapping[FlowKey, Evidence]:
    """The evidence of those flows that the server has; one request per flow and 200 executions."""
    found = {}
    for key in keys:
        flow = live.flows.get(key)
        if flow is not None:
            since = flow.updated or _applied_at(live, key)
            found[key] = evidence_of(flow, since, executions_of(calls, key, since))
    return found


def executions_of(calls: Calls, key: FlowKey, since: datetime | None) -> Iterator[Row]:
    """The flow's executions, newest first, down to those that began before its revision was there."""
    query = [("filters[namespace][EQUALS]", key.namespace), ("filters[flowId][EQUALS]", key.id)]
    query.append(("sort", "state.startDate:desc"))
    for page in range(1, MOST // PAGE + 1):
        rows = calls.page("/executions/search", query, page)
        for row in rows:
            if since is not None and _began_before(row, since):
                return
            yield row
        if len(rows) < PAGE:
            return


def _applied_at(live: LiveState, key: FlowKey) -> datetime | None:
    entry = live.ledger.entries.get(key) if live.ledger is not None else None
    return entry.at if entry is not None and entry.revision == live.flows[key].revision else None


def _began_before(row: Row, since: datetime) -> bool:
    state = row.get("state")
    began = state.get("startDate") if isinstance(state, dict) else None
    try:
        return isinstance(began, str) and datetime.fromisoformat(began) < since.replace(microsecond=0)
    except (ValueError, TypeError):
        return False
