"""`flowctl completion`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print a completion script. For bash: eval "$(flowctl completion bash)"."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    console = context.find_object(Console)
    assert kind is not None and console is not None
    root = context.find_root().command
    console.show(kind(root, {}, "flowctl", "_FLOWCTL_COMPLETE").source())
