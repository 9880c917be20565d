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
    """Check the files of ENV, or of every environment, and `flowctl.yaml`. No server is contacted."""
    from flowctl.cli.validating import check_environment, check_settings, show_findings
    from flowctl.cli.workspace import here

    workspace = here()
    names = [environment] if environment else list(workspace.environment_names())
    if not names:
        console.say("Nothing to check: there is no environment yet. `flowctl init` makes one.")
    checked = [check_environment(workspace, name, console) for name in names]
    settings = check_settings(workspace)
    show_findings(console, settings, checked)
    return 1 if settings or any(one.failed for one in checked) else 0
