"""`flowctl history`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, json_option


@click.command("history")
@environment_argument
@click.argument("flow", metavar="[NS/ID]", required=False, shell_complete=complete_flow)
@json_option()
@common_options
@click.pass_obj
def command(console: Console, /, environment: str | None, flow: str | None, as_json: bool) -> None:
    """List what the last applies of ENV did, newest first; with NS/ID, what happened to one flow.

    Of a flow also the edits are listed that were made on the server and not by an apply.
    """
    from flowctl.cli.connecting import connect_to
    from flowctl.cli.executions.address import parse_address, which_environment
    from flowctl.cli.operating.tables import show_rows
    from flowctl.cli.past.rows import apply_rows, known_rows
    from flowctl.cli.workspace import here, open_environment

    workspace = here()
    named, key = parse_address(flow) if flow is not None else (None, None)
    target = open_environment(workspace, which_environment(named, environment), console.environ)
    server = connect_to(workspace, target, console)
    entries = server.read_history(target.namespace)
    if key is None:
        columns = ("serial", "at", "by", "commit", "added", "changed", "deleted", "adopted")
        show_rows(console, "applies", apply_rows(entries), columns)
    else:
        rows = known_rows(target, entries, server.read_revisions(key), key)
        show_rows(console, "revisions", rows, ("revision", "at", "what", "by", "commit", "serial", "digest"))
