"""`flowctl promote`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_environment, complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import apply_options, common_options, json_option


@click.command("promote")
@click.argument("source", metavar="SOURCE", shell_complete=complete_environment)
@click.argument("target", metavar="TARGET", shell_complete=complete_environment)
@click.option("--select", multiple=True, metavar="GLOB", help="Only flows that match; may be repeated.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="No flows that match; may be repeated.")
@click.option(
    "--allow-unproven",
    multiple=True,
    metavar="NS/ID",
    shell_complete=complete_flow,
    help="Let this flow of SOURCE go without proof.",
)
@click.option("--reason", "reasons", multiple=True, metavar="TEXT", help="Why; recorded with the promotion.")
@click.option("--branch", is_flag=False, flag_value="", metavar="[NAME]", help="Make a branch with a commit.")
@click.option("--push", is_flag=True, help="Push the branch.")
@click.option("--pull-request", is_flag=True, help="Open a pull request (GitLab: merge request).")
@click.option("--apply", is_flag=True, help="Apply it to TARGET at once.")
@apply_options
@json_option("Print the promotion as JSON.")
@click.option("--diff", is_flag=True, help="Show the differences of the raw texts as well.")
@common_options
@click.pass_obj
def command(console: Console, /, source: str, target: str, **options: object) -> int:
    """Bring flows that have proven themselves in SOURCE to TARGET.

    Shows which flows differ, how each has run in SOURCE, what TARGET lacks for them, and the plan for TARGET. Nothing
    is written anywhere without --branch, --push, --pull-request or --apply.
    """
    from flowctl.cli.promoting.promote import promote

    return promote(console, source, target, options)
