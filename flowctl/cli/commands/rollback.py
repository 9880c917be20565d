"""`flowctl rollback`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from flowctl.cli.console import Console
from flowctl.cli.options import (
    apply_options,
    common_options,
    environment_argument,
    guard_options,
    json_option,
    selection_options,
)


@click.command("rollback")
@environment_argument
@click.option("--to", required=True, metavar="SERIAL|COMMIT", help="A serial of `flowctl history`, or a commit.")
@click.option("--dry-run", is_flag=True, help="Show the plan and do not apply it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.json", help="Save the plan only.")
@apply_options
@json_option("Print events and the result as JSON, one object a line.")
@click.option("--diff", is_flag=True, help="Show the differences of the raw texts as well.")
@selection_options
@guard_options
@common_options
@click.pass_obj
def command(
    console: Console, /, environment: str | None, to: str, dry_run: bool, out: Path | None, **options: object
) -> int:
    """Go back to what an earlier apply left, or to what a commit says: a plan like any other.

    The files stay as they are; until they say the same, the next apply would go forward again.
    """
    import shlex

    from flowctl.cli.connecting import connect_to
    from flowctl.cli.past.rolling_back import Past, check_ledger, earlier_project, same_objects
    from flowctl.cli.plans.applying import ApplyStyle, carry_out
    from flowctl.cli.plans.planfiles import check_name, save_plan
    from flowctl.cli.plans.prepare import plan_project, wishes_of
    from flowctl.cli.plans.showing import show_plan, style_of
    from flowctl.cli.reading import read_live, read_project
    from flowctl.cli.workspace import here, open_environment

    check_name(out)
    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    present = read_project(console, workspace, target)
    server = connect_to(workspace, target, console)
    live = read_live(console, target, server)
    check_ledger(live, target)
    with ExitStack() as stack:
        past = Past(console, workspace, target, server, live, present, stack, {})
        earlier = earlier_project(past, to)
        wishes = wishes_of(options)
        planned = plan_project(console, workspace, earlier, live, server, wishes)
        if not console.json:
            console.say(f"Back to {to}: what is called the file here is what {target.name} had then.")
        if dry_run or out is not None:
            again = f"flowctl rollback {target.name} --to {shlex.quote(to)}{wishes.typed}"
            show_plan(console, planned.plan, style_of(options), saved_as=out, again=again)
            if out is not None:
                save_plan(console, planned.plan, out)
            return 1 if planned.plan.refusals else 0
        code = carry_out(console, planned, target, ApplyStyle.of(options))
    if code == 0 and not console.json and not same_objects(earlier, present):
        console.say(f"The files of {target.name} still say otherwise: revert them in Git, or the next apply goes on.")
    return code
