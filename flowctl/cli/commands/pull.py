"""`flowctl pull`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, json_option, selection_options


@click.command("pull")
@environment_argument
@click.option("--all", "every", is_flag=True, help="Also what flowctl does not own: a first import.")
@click.option("--values", is_flag=True, help="With --all: also key-values, in plain text.")
@click.option("--overwrite", is_flag=True, help="Take the server's side where the file has changed too.")
@click.option("--branch", metavar="NAME", help="Commit to a new branch; the work tree stays as it is.")
@click.option("--dry-run", is_flag=True, help="Show the differences and write nothing.")
@selection_options
@json_option("Print what was taken, and what was left out, as JSON.")
@common_options
@click.pass_obj
def command(
    console: Console,
    /,
    environment: str | None,
    branch: str | None,
    dry_run: bool,
    as_json: bool,
    **options: object,
) -> int:
    """Take edits made on ENV's server into the files, changing as little text as possible.

    Exits 1 when something was left out. Nothing is written to the server; the next apply notes the new state.
    """
    from dataclasses import replace

    from flowctl.cli.connecting import connect_to
    from flowctl.cli.plans.prepare import make_plan, wishes_of
    from flowctl.cli.pulling.pulled import look, take
    from flowctl.cli.pulling.puller import pull_options_of
    from flowctl.cli.pulling.showing import pull_json, say_taken, show_pull
    from flowctl.cli.workspace import here, open_environment

    wanted = pull_options_of(options)
    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    wishes = replace(wishes_of(options), allow_empty=True, resume_all=True)
    planned = make_plan(console, workspace, target, wishes, lambda: connect_to(workspace, target, console))
    pulled = look(workspace, planned, wanted, committed=branch is not None)
    if not as_json:
        show_pull(console, pulled, diff=dry_run)
    takes = bool(pulled.edits) and not dry_run
    commit = take(workspace, pulled, branch) if takes else None
    if as_json:
        console.show(pull_json(pulled, dry_run=dry_run, branch=branch, commit=commit))
    elif takes:
        say_taken(console, pulled, branch, commit)
    return 1 if pulled.left_out else 0
