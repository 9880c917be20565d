"""`flowctl show`."""

from __future__ import annotations

from pathlib import Path

import click

from flowctl.cli.completing import complete_plan_or_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_option, format_options


@click.command("show")
@click.argument("what", metavar="PLANFILE | NS/ID", shell_complete=complete_plan_or_flow)
@environment_option
@format_options
@common_options
@click.pass_obj
def command(console: Console, /, what: str, environment: str | None, **options: object) -> int:
    """Show a saved plan in any of the formats of `plan`, or a flow as the server has it."""
    from flowctl.cli.plans.planfiles import names_plan, read_plan
    from flowctl.cli.plans.showing import for_plans_only, show_flow, show_plan, style_of

    if names_plan(what):
        path = Path(what)
        plan = read_plan(path)
        show_plan(console, plan, style_of(options), saved_as=path)
        return 1 if plan.refusals else 0
    for_plans_only(options)
    show_flow(console, what, environment)
    return 0
