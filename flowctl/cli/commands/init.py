"""`flowctl init`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option


@click.command("init")
@click.argument("name", metavar="[ENV]", default="dev")
@click.option("--server", metavar="URL", default="bundled", show_default=True, help="`bundled`, or a Kestra server.")
@json_option()
@common_options
@click.pass_obj
def command(console: Console, name: str, server: str, as_json: bool) -> None:
    """Create an environment and a first flow in this directory. Nothing is overwritten.

    May be run again for a second environment.
    """
    from pathlib import Path

    from flowctl.cli.concluding import conclude
    from flowctl.cli.first_files import new_files
    from flowctl.cli.scaffolding import check_name, check_server, ignore_state, write_new

    check_name(name)
    check_server(server)
    root = Path.cwd()
    written = [*write_new(root, new_files(name, server)), *ignore_state(root)]
    if not as_json:
        for path in written:
            console.show(f"created {path}")
    members = {"environment": name, "server": server, "created": written}
    conclude(console, "init", members, f"Next: flowctl plan {name}")
