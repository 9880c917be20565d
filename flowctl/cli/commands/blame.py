"""`flowctl blame`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_option, json_option


@click.command("blame")
@click.argument("flow", metavar="[ENV:]NS/ID", shell_complete=complete_flow)
@environment_option
@json_option("Print one JSON document with a row for each line.")
@common_options
@click.pass_obj
def command(console: Console, /, flow: str, environment: str | None, as_json: bool) -> None:
    """Show which revision each line of a deployed flow comes from, and which apply or edit made that revision."""
    from flowctl.cli.connecting import connect_to
    from flowctl.cli.executions.address import parse_address, which_environment
    from flowctl.cli.past.blaming import show_blame
    from flowctl.cli.workspace import here, open_environment

    named, key = parse_address(flow)
    workspace = here()
    target = open_environment(workspace, which_environment(named, environment), console.environ)
    show_blame(console, connect_to(workspace, target, console), target, key)
