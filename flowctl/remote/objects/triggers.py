"""Triggers of either generation of the API: their rows, and switching them."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveTrigger
from flowctl.remote.batch import JSON
from flowctl.remote.http.transport import Transport
from flowctl.remote.times import from_iso

BY_THE_CLOCK = ("Schedule", "ScheduleOnDates")


def trigger_of(row: Mapping[str, object]) -> LiveTrigger:
    """A row of either generation: `state` and `trigger` (2.0), or `triggerContext` and `abstractTrigger` (1.x)."""
    state = row.get("state") or row.get("triggerContext") or row
    assert isinstance(state, dict)
    return LiveTrigger(
        FlowKey(str(state.get("namespace")), str(state.get("flowId"))),
        str(state.get("triggerId")),
        disabled=state.get("disabled") is True,
        next_date=from_iso(state.get("nextEvaluationDate") or state.get("nextExecutionDate")),
        last_date=from_iso(state.get("lastTriggeredDate") or state.get("date")),
        backfill=state.get("backfill") is not None,
        running=state.get("executionId") is not None,
        polls=_polls(row.get("trigger") or row.get("abstractTrigger")),
    )


def _polls(definition: object) -> bool:
    """Whether a trigger looks for something at intervals. One of unknown type counts as one that fires."""
    kind = definition.get("type") if isinstance(definition, dict) else None
    return isinstance(kind, str) and kind.rpartition(".")[2] not in BY_THE_CLOCK


def switch_trigger(
    transport: Transport, flow: FlowKey, trigger_id: str, *, off: bool, modern: bool, recover: bool = False
) -> bool:
    """Switch a trigger off or on without touching its flow; False when there is no such trigger. `recover`: the bundled
    server fires what came while it was off; others do not know the parameter."""
    path = transport.tenant("/triggers/set-disabled" if modern else "/triggers")
    body = {"namespace": flow.namespace, "flowId": flow.id, "triggerId": trigger_id, "disabled": off}
    params = {"recover": "true"} if recover else None
    answer = transport.send("PUT", path, params=params, content=orjson.dumps(body), headers=JSON, expect=(404,))
    return answer.status != 404
