"""`flowctl triggers list|enable|disable|backfill`."""

from __future__ import annotations

from typing import Any

import click

from flowctl.cli.completing import complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_option, json_option


@click.group("triggers")
def command() -> None:
    """Triggers that are evaluated by time: list them, switch them, catch up on the past."""


@command.command("list")
@environment_option
@click.option("--flow", metavar="NS/ID", shell_complete=complete_flow, help="Of one flow.")
@json_option()
@common_options
@click.pass_obj
def list_(console: Console, environment: str | None, flow: str | None, as_json: bool) -> None:
    """All triggers of the environment's namespaces with their next date (UTC)."""
    from flowctl.cli.executions.address import parse_address, which_environment
    from flowctl.cli.operating.calls import open_calls
    from flowctl.cli.operating.rows import TRIGGER_COLUMNS
    from flowctl.cli.operating.tables import show_rows
    from flowctl.cli.operating.triggers import trigger_rows

    named, key = parse_address(flow) if flow else (None, None)
    calls = open_calls(console, which_environment(named, environment))
    show_rows(console, "triggers", trigger_rows(calls, key), TRIGGER_COLUMNS)


def _switch(name: str, summary: str, *, off: bool) -> None:
    @command.command(name, help=summary)
    @click.argument("flow", metavar="NS/ID", shell_complete=complete_flow)
    @click.argument("trigger", metavar="TRIGGER")
    @environment_option
    @json_option("Print the trigger as JSON.")
    @common_options
    @click.pass_obj
    def switch(console: Console, flow: str, trigger: str, environment: str | None, as_json: bool) -> None:
        from flowctl.cli.executions.address import parse_address, which_environment
        from flowctl.cli.operating.calls import open_calls
        from flowctl.cli.operating.triggers import say_done

        named, key = parse_address(flow)
        calls = open_calls(console, which_environment(named, environment))
        calls.switch(key, trigger, off=off)
        say_done(console, calls, key, trigger, f"Trigger {trigger} of {key} is {'off' if off else 'on'}.")


_switch("enable", "Switch a trigger on.", off=False)
_switch("disable", "Switch a trigger off; it stays off when its flow is deployed again.", off=True)


@command.command("backfill")
@click.argument("flow", metavar="NS/ID", shell_complete=complete_flow)
@click.argument("trigger", metavar="TRIGGER")
@environment_option
@click.option("--start", metavar="DATE", help="First date, such as 2026-03-01T00:00:00Z or 2026-03-01 (UTC).")
@click.option("--end", metavar="DATE", help="Last date; now when left out.")
@click.option("-i", "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="An input of each execution.")
@click.option("-l", "--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label of each execution.")
@click.option("--pause", "way", flag_value="pause", help="Let the backfill that has begun start nothing more for now.")
@click.option("--resume", "way", flag_value="resume", help="Go on with one that was paused.")
@click.option("--stop", "way", flag_value="stop", help="Give up the rest of it; the trigger's own dates go on.")
@json_option("Print the trigger as JSON.")
@common_options
@click.pass_obj
def backfill(
    console: Console,
    /,
    flow: str,
    trigger: str,
    environment: str | None,
    start: str | None,
    way: str | None,
    as_json: bool,
    **more: Any,
) -> None:
    """Start an execution for each of a schedule's dates in the past."""
    from flowctl.cli.executions.address import parse_address, which_environment
    from flowctl.cli.operating.backfilling import begin, change

    if (start is None) == (way is None) or (start is None and any(more.values())):
        raise click.UsageError("give --start with what goes with it, or one of --pause, --resume and --stop alone")
    named, key = parse_address(flow)
    where = which_environment(named, environment)
    if start is None:
        change(console, where, key, trigger, str(way))
    else:
        begin(console, where, key, trigger, start, **more)
