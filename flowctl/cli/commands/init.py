"""`flowctl init`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options


@click.command("init")
@click.argument("name", metavar="[ENV]", default="dev")
@click.option("--server", metavar="URL", default="bundled", show_default=True, help="`bundled`, or a Kestra server.")
@common_options
@click.pass_obj
def command(console: Console, name: str, server: str) -> None:
    """Create an environment and a first flow in this directory. Nothing is overwritten.

    May be run again for a second environment.
    """
    from pathlib import Path

    from flowctl.cli.first_files import new_files
    from flowctl.cli.scaffolding import check_name, check_server, ignore_state, write_new

    check_name(name)
    check_server(server)
    root = Path.cwd()
    written = [*write_new(root, new_files(name, server)), *ignore_state(root)]
    for path in written:
        console.show(f"created {path}")
    console.say(f"Next: flowctl plan {name}")
