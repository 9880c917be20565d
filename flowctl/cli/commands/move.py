"""`flowctl move`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_environment
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option


@click.command("move")
@click.argument("source", metavar="SOURCE", shell_complete=complete_environment)
@click.argument("target", metavar="TARGET", shell_complete=complete_environment)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@json_option("Print the move, events and the result as JSON, one object a line.")
@common_options
@click.pass_obj
def command(console: Console, source: str, target: str, dry_run: bool, auto_approve: bool, as_json: bool) -> int:
    """Bring the environment SOURCE to the server of TARGET, with its key-values, files, history and triggers.

    TARGET is an environment file that names the same flows and namespaces and another server. Triggers are switched off
    on the old server before the new one has the flows; nothing is deleted there. A move that was cut short is repeated
    with the same command, and one that is done is taken back with the names the other way round.
    """
    from flowctl.cli.moving import move_environment

    return move_environment(console, source, target, auto_approve=auto_approve, dry_run=dry_run)
