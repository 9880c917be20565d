"""`flowctl plan`."""

from __future__ import annotations

from pathlib import Path

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, guard_options, json_option, selection_options


@click.command("plan")
@environment_argument
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.json", help="Save the plan.")
@click.option("--diff", is_flag=True, help="Show the differences of the raw texts as well.")
@click.option("--unmanaged", is_flag=True, help="List what is on the server and not flowctl's.")
@json_option("Print the plan as JSON.")
@click.option("--markdown", is_flag=True, help="Print Markdown for a pull request comment.")
@click.option("--format", "shape", type=click.Choice(["terraform-json"]), help="Print JSON of another tool's shape.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 0: nothing to do, 1: error or refusal, 2: changes.")
@selection_options
@guard_options
@common_options
@click.pass_obj
def command(
    console: Console,
    environment: str | None,
    out: Path | None,
    diff: bool,
    unmanaged: bool,
    as_json: bool,
    markdown: bool,
    shape: str | None,
    detailed_exitcode: bool,
    **options: object,
) -> int:
    """Show what apply would do to ENV, and why. Nothing is written to the server."""
    from flowctl.cli.connecting import connect_to
    from flowctl.cli.planfiles import save_plan
    from flowctl.cli.prepare import make_plan, wishes
    from flowctl.cli.showing import PlanStyle, show_plan
    from flowctl.cli.workspace import here, open_environment

    style = PlanStyle.chosen(as_json=as_json, markdown=markdown, shape=shape, diff=diff, unmanaged=unmanaged)
    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    planned = make_plan(workspace, target, wishes(options), console, lambda: connect_to(workspace, target, console))
    show_plan(console, planned, style, saved_as=out)
    if out is not None:
        save_plan(console, planned.plan, out)
    if planned.plan.refusals:
        return 1
    return 2 if detailed_exitcode and not planned.plan.empty else 0
