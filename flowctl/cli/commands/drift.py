"""`flowctl drift`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, json_option, selection_options


@click.command("drift")
@environment_argument
@json_option("Print the drift as JSON.")
@click.option("--markdown", is_flag=True, help="Print Markdown for an issue.")
@selection_options
@common_options
@click.pass_obj
def command(console: Console, /, environment: str | None, as_json: bool, markdown: bool, **options: object) -> int:
    """Show what was changed on ENV's server since the last apply: when, which revision, and the difference.

    Exits 0 when files and server are the same, 2 when they are not, 1 when something went wrong: made for scheduled
    jobs. A flow that somebody disabled on the server is drift, too, although apply leaves it disabled. Nothing is
    written.
    """
    from dataclasses import replace

    from flowctl.cli.drifting import find_drift, show_drift
    from flowctl.cli.plans.prepare import wishes_of
    from flowctl.cli.workspace import here, open_environment

    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    report = find_drift(console, workspace, target, replace(wishes_of(options), resume_all=True))
    show_drift(console, report, markdown=markdown)
    return 0 if report.clean else 2
