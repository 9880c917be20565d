"""`flowctl plan`."""

from __future__ import annotations

from pathlib import Path

import click

from flowctl.cli.console import Console
from flowctl.cli.options import (
    common_options,
    environment_argument,
    format_options,
    guard_options,
    quiet_window_option,
    selection_options,
)


@click.command("plan")
@environment_argument
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.json", help="Save the plan.")
@format_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit 0: nothing to do, 1: error or refusal, 2: changes.")
@selection_options
@guard_options
@quiet_window_option
@common_options
@click.pass_obj
def command(
    console: Console, /, environment: str | None, out: Path | None, detailed_exitcode: bool, **options: object
) -> int:
    """Show what apply would do to ENV, and why. Nothing is written to the server."""
    from flowctl.cli.connecting import connect_to
    from flowctl.cli.plans.planfiles import check_name, save_plan
    from flowctl.cli.plans.prepare import make_plan, wishes_of
    from flowctl.cli.plans.showing import show_plan, style_of
    from flowctl.cli.workspace import here, open_environment

    style = style_of(options)
    check_name(out)
    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    wishes = wishes_of(options)
    plan = make_plan(console, workspace, target, wishes, lambda: connect_to(workspace, target, console)).plan
    show_plan(console, plan, style, saved_as=out, again=f"flowctl apply {target.name}{wishes.typed}")
    if out is not None:
        save_plan(console, plan, out)
    return exit_code(bool(plan.refusals), plan.empty, detailed_exitcode)


def exit_code(refused: bool, empty: bool, detailed: bool) -> int:
    """The exit code of a plan, see docs/exit-codes.md."""
    if refused:
        return 1
    return 2 if detailed and not empty else 0
