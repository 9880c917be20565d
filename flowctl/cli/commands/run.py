"""`flowctl run`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_option, json_option


@click.command("run")
@click.argument("flow", metavar="NS/ID", shell_complete=complete_flow)
@environment_option
@click.option("-i", "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="An input; NAME=@PATH for a file.")
@click.option("-l", "--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label of the execution.")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="An older revision of the flow.")
@click.option("-f", "--follow", is_flag=True, help="Show the log and the task runs until the execution ends.")
@click.option("--wait", is_flag=True, help="Wait until the execution ends.")
@json_option("Print the execution as JSON.")
@common_options
@click.pass_obj
def command(
    console: Console,
    flow: str,
    environment: str | None,
    inputs: tuple[str, ...],
    labels: tuple[str, ...],
    revision: int | None,
    follow: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Start a deployed flow.

    With --follow or --wait the exit code is 0 for SUCCESS and WARNING, 1 for FAILED, 3 for KILLED and CANCELLED.
    """
    from flowctl.cli.executions.address import parse_address, parse_inputs, parse_label, which_environment
    from flowctl.cli.executions.client import open_executions
    from flowctl.cli.executions.texts import not_taken
    from flowctl.cli.executions.watching import finish, say_started, watch

    named, key = parse_address(flow)
    given = parse_inputs(inputs)
    server = open_executions(console, which_environment(named, environment))
    execution = server.start(key, given, tuple(map(parse_label, labels)), revision)
    if (unknown := not_taken(given.names, execution)) is not None:
        console.say(unknown)
    if not (follow or wait):
        say_started(console, execution, server.environment)
        return 0
    ended = watch(console, server, execution, server.environment, show_log=follow)
    return finish(console, ended, server.environment)
