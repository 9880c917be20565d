"""Backfills of one trigger, on servers of either generation: begun, paused, continued, stopped."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.cli.operating.calls import Calls, Row
from flowctl.errors import FlowctlError, ServerRefused
from flowctl.model.keys import FlowKey

CONFLICT = 409
WAYS: Mapping[str, tuple[str, str]] = {
    "pause": ("PUT", "/triggers/backfill/pause"),
    "resume": ("PUT", "/triggers/backfill/unpause"),
    "stop": ("POST", "/triggers/backfill/delete"),
}
"""What can be done to one that has begun: method and path, the same in both generations."""


def begin_backfill(calls: Calls, flow: FlowKey, trigger_id: str, span: Row) -> Row:
    """Start an execution for each date of a schedule in `span`; returns the trigger as it is then.

    A server of 1.x is sent the trigger back whole, as it was read. It would replace a backfill that is there.

    Raises:
        FlowctlError: C126, there is no such trigger; C129, it has a backfill already.
    """
    row = calls.trigger(flow, trigger_id)
    if row.get("backfill") is not None:
        raise _there_already(calls, flow, trigger_id)
    body = {**_named(flow, trigger_id), "backfill": span}
    try:
        with calls.missing_trigger(flow, trigger_id):
            answer = calls.either(
                lambda: calls.ask("PUT", "/triggers/backfill/create", body=body),
                lambda: calls.ask("PUT", "/triggers", body={**row, **body}),
            )
    except ServerRefused as refusal:
        if refusal.status != CONFLICT:
            raise
        raise _there_already(calls, flow, trigger_id) from refusal
    return answer.mapping() if answer.body else {}


def change_backfill(calls: Calls, flow: FlowKey, trigger_id: str, way: str) -> None:
    """Do one of `WAYS` to the backfill that a trigger has.

    Raises:
        FlowctlError: C126, there is no such trigger; C130, it has no backfill.
    """
    row = calls.trigger(flow, trigger_id)
    if row.get("backfill") is None:
        summary, hint = f"trigger {trigger_id} of {flow} has no backfill", "it has ended, or has never begun"
        raise FlowctlError.of("C130", summary, hint=hint)
    method, path = WAYS[way]
    with calls.missing_trigger(flow, trigger_id):
        calls.ask(method, path, body=_named(flow, trigger_id) if _is_modern(row) else row)


def _named(flow: FlowKey, trigger_id: str) -> dict[str, object]:
    return {"namespace": flow.namespace, "flowId": flow.id, "triggerId": trigger_id}


def _is_modern(row: Row) -> bool:
    """Whether a trigger's state is one of 2.0, which takes its names alone; 1.x wants it back whole."""
    return "kind" in row


def _there_already(calls: Calls, flow: FlowKey, trigger_id: str) -> FlowctlError:
    summary = f"trigger {trigger_id} of {flow} has a backfill that has not ended"
    hint = f"`{calls.listing(flow)}` shows where it stands, `--stop` instead of --start gives up its rest"
    return FlowctlError.of("C129", summary, hint=hint)
