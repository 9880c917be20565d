"""Executions of a server → how exactly one revision of a flow has run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from flowctl.model.live import LiveFlow
from flowctl.model.promotion import Evidence

GREEN, FAILED = "SUCCESS", "FAILED"
EXAMPLES = 3


def evidence_of(live: LiveFlow, deployed_at: datetime | None, executions: Iterable[Mapping[str, object]]) -> Evidence:
    """What the executions of a flow, newest first, say about its live revision.

    Each is a map with `id`, `namespace`, `flowId`, `flowRevision` and `state` (`current`, `endDate`), as either
    generation of the API lists them. Only executions of exactly that revision count: another one ran
    another text.
    """
    green, failed, other = list[Mapping[str, object]](), 0, 0
    for execution in executions:
        if execution.get("flowRevision") != live.revision or not _is_of(execution, live):
            continue
        state = _state(execution).get("current")
        if state == GREEN:
            green.append(execution)
        elif state == FAILED:
            failed += 1
        else:
            other += 1
    ends = [moment for moment in (_moment(_state(one).get("endDate")) for one in green) if moment is not None]
    return Evidence(
        live.revision,
        live.digest,
        deployed_at,
        len(green),
        failed,
        other,
        max(ends, default=None),
        tuple(str(one.get("id")) for one in green[:EXAMPLES]),
    )


def _is_of(execution: Mapping[str, object], live: LiveFlow) -> bool:
    """A server that does not know the filters of newer ones ignores them, and lists every flow."""
    return (execution.get("namespace"), execution.get("flowId")) == (live.key.namespace, live.key.id)


def _state(execution: Mapping[str, object]) -> Mapping[str, object]:
    state = execution.get("state")
    return state if isinstance(state, dict) else {}


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
