"""`flowctl apply`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import (
    apply_options,
    common_options,
    environment_or_plan_argument,
    guard_options,
    json_option,
    selection_options,
)


@click.command("apply")
@environment_or_plan_argument
@apply_options
@json_option("Print events and the result as JSON, one object a line.")
@click.option("--diff", is_flag=True, help="Show the differences of the raw texts as well.")
@selection_options
@guard_options
@common_options
@click.pass_obj
def command(console: Console, /, environment: str | None, as_json: bool, **options: object) -> int:
    """Make the server hold what the files of ENV say, or do exactly what a saved plan says.

    ENV may be left out when there is one environment or FLOWCTL_ENV is set; an argument that ends in .json is a
    saved plan.
    """
    from flowctl.cli.plans.applying import apply_environment, apply_saved
    from flowctl.cli.plans.planfiles import names_plan

    if environment is not None and names_plan(environment):
        return apply_saved(console, environment, options)
    return apply_environment(console, environment, options)
