"""What `flowctl triggers backfill` does and says."""

from __future__ import annotations

from flowctl.cli.console import Console
from flowctl.cli.executions.address import parse_inputs
from flowctl.cli.operating.asking import not_asked_by_flow
from flowctl.cli.operating.backfills import begin_backfill, change_backfill
from flowctl.cli.operating.calls import open_calls
from flowctl.cli.operating.spans import span_of
from flowctl.cli.operating.triggers import say_done
from flowctl.model.keys import FlowKey

SAID = {
    "pause": "is paused: `--resume` goes on with it",
    "resume": "goes on",
    "stop": "has ended; the trigger's own dates go on",
}


def begin(
    console: Console,
    environment: str | None,
    flow: FlowKey,
    trigger: str,
    start: str,
    end: str | None,
    inputs: tuple[str, ...],
    labels: tuple[str, ...],
) -> None:
    """Begin a backfill, and say what else is worth knowing: inputs that nobody asks for, a trigger that is off."""
    span = span_of(start, end, inputs, labels)
    calls = open_calls(console, environment)
    begun = begin_backfill(calls, flow, trigger, span)
    if (unknown := not_asked_by_flow(calls, flow, parse_inputs(inputs).names)) is not None:
        console.say(unknown)
    text = f"The backfill of trigger {trigger} of {flow} has begun: {calls.listing(flow)}"
    say_done(console, calls, flow, trigger, text)
    if begun.get("disabled") is True:
        enable = f"flowctl triggers enable {flow} {trigger} {calls.option}"
        console.say(f"Note: the trigger is off, the backfill waits for: {enable}")


def change(console: Console, environment: str | None, flow: FlowKey, trigger: str, way: str) -> None:
    """Pause, continue or stop the backfill that a trigger has."""
    calls = open_calls(console, environment)
    change_backfill(calls, flow, trigger, way)
    say_done(console, calls, flow, trigger, f"The backfill of trigger {trigger} of {flow} {SAID[way]}.")
