"""`flowctl server run`: the bundled server in the foreground."""

from __future__ import annotations

from pathlib import Path

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options


@click.command("run")
@click.option("--host", metavar="HOST", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, metavar="PORT", help="Port to listen on; 0 takes a free one.  [default: 8080]")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where it keeps its data."
)
@click.option("--dialect", type=click.Choice(["2.0", "1.3", "lenient"]), help="Which Kestra to answer like.")
@click.option("--tls-cert", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="TLS certificate.")
@click.option("--tls-key", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Its private key.")
@click.option(
    "--retention", metavar="TIME", help="How long to keep executions after their end: 90d.  [default: for ever]"
)
@click.option("--insecure", is_flag=True, help="Allow other machines in without TLS.")
@click.option("--ready-fd", type=int, hidden=True)
@common_options
@click.pass_obj
def run(console: Console, /, ready_fd: int | None, **options: object) -> None:
    """Run the server until Ctrl-C. In a workspace, without --data, it is the server of that workspace."""
    from flowctl.cli.background.serving import serve_alone, serve_workspace, workspace_for
    from flowctl.engine.settings import from_environ

    workspace = workspace_for(options, console.environ)
    if workspace is None:
        serve_alone(from_environ(console.environ, **options))  # type: ignore[arg-type]  # click converted them
    else:
        serve_workspace(workspace, options, console, ready_fd)
