"""`flowctl validate`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, json_option


@click.command("validate")
@environment_argument
@json_option("Print the problems as JSON.")
@common_options
@click.pass_obj
def command(console: Console, environment: str | None, as_json: bool) -> int:
    """Check the files of ENV, or of every environment. No server is contacted."""
    from flowctl.cli.validating import check_environment, show_findings
    from flowctl.cli.workspace import here

    workspace = here()
    names = [environment] if environment else list(workspace.environment_names())
    checked = [check_environment(workspace, name, console.environ) for name in names]
    show_findings(console, checked)
    return 1 if any(one.failed for one in checked) else 0
