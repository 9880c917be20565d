"""`flowctl logs`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_option, json_option


@click.command("logs")
@click.argument("execution", metavar="EXECUTION")
@environment_option
@click.option("-f", "--follow", is_flag=True, help="Go on until the execution ends.")
@json_option("Print one log entry as JSON a line.")
@common_options
@click.pass_obj
def command(console: Console, execution: str, environment: str | None, follow: bool, as_json: bool) -> int:
    """Show the log of an execution. With --follow, the exit codes are those of `run`."""
    from flowctl.cli.executions.client import open_executions
    from flowctl.cli.executions.watching import finish, show_entry, watch

    server = open_executions(console, environment)
    if follow:
        ended = watch(console, server, server.execution(execution), server.environment, show_log=True)
        return finish(console, ended, server.environment)
    server.execution(execution)
    for entry in server.log(execution):
        show_entry(console, entry)
    return 0
