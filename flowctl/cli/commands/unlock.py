"""`flowctl unlock`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_environment
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option


@click.command("unlock")
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.argument("lock_id", metavar="ID")
@json_option("Print what was done as JSON.")
@common_options
@click.pass_obj
def command(console: Console, environment: str, lock_id: str, as_json: bool) -> None:
    """Release a lock that an apply left behind, by the id that its message shows.

    Make sure that the apply is dead: while it lives it still writes.
    """
    from datetime import UTC, datetime

    from flowctl.applying.unlock import unlock
    from flowctl.cli.connecting import connect_to
    from flowctl.cli.workspace import here, open_environment
    from flowctl.views.unlocking import unlocked_json, unlocked_text

    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    done = unlock(connect_to(workspace, target, console), target, lock_id, lambda: datetime.now(UTC))
    if as_json:
        console.show(unlocked_json(done, target.name))
    else:
        console.say(unlocked_text(done, target.name))
