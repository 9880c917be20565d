"""`flowctl server`: the bundled server, in the foreground and in the background."""

from __future__ import annotations

import click

from flowctl.cli.commands.server_backup import backup, restore
from flowctl.cli.commands.server_control import logs, start, status, stop
from flowctl.cli.commands.server_run import run


@click.group("server")
def command() -> None:
    """The bundled server of this workspace: Kestra's API, storage and engine in one process."""


for sub in (run, start, stop, status, logs, backup, restore):
    command.add_command(sub)
