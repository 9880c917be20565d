"""`flowctl pull`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, selection_options


@click.command("pull")
@environment_argument
@click.option("--all", "every", is_flag=True, help="Also what flowctl does not own: a first import.")
@click.option("--values", is_flag=True, help="With --all: also key-values, in plain text.")
@click.option("--overwrite", is_flag=True, help="Take the server's side where the file has changed too.")
@click.option("--branch", metavar="NAME", help="Commit to a new branch; the work tree stays as it is.")
@click.option("--dry-run", is_flag=True, help="Show the differences and write nothing.")
@selection_options
@common_options
@click.pass_obj
def command(
    console: Console,
    /,
    environment: str | None,
    every: bool,
    values: bool,
    overwrite: bool,
    branch: str | None,
    dry_run: bool,
    **options: object,
) -> int:
    """Take edits made on ENV's server into the files, changing as little text as possible.

    Exits 1 when something was left out. Nothing is written to the server; the next apply notes the new state.
    """
    from dataclasses import replace

    from flowctl.cli.connecting import connect_to
    from flowctl.cli.plans.prepare import make_plan, wishes_of
    from flowctl.cli.pulling.file_edits import write_edits
    from flowctl.cli.pulling.puller import Puller, PullOptions
    from flowctl.cli.pulling.readers import only_committed, other_readers
    from flowctl.cli.pulling.showing import show_pull
    from flowctl.cli.workspace import here, open_environment
    from flowctl.errors import UsageError

    if values and not every:
        raise UsageError.of("C128", "--values goes with --all", hint="give both: a first import with its key-values")
    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    wishes = replace(wishes_of(options), allow_empty=True, resume_all=True)
    planned = make_plan(console, workspace, target, wishes, lambda: connect_to(workspace, target, console))
    puller = Puller(workspace, planned, PullOptions(every, values, overwrite))
    puller.collect()
    edits, left_out = list(puller.edits.values()), list(puller.left_out)
    if branch is not None:
        edits, more = only_committed(workspace, edits)
        left_out += more
    unmanaged = 0 if every else planned.plan.counts.unmanaged
    show_pull(console, edits, left_out, puller.names.renamed, diff=dry_run, unmanaged=unmanaged)
    for other, paths in other_readers(workspace, target.name, edits).items():
        console.say(f"Note: {other} reads {', '.join(paths)} as well.")
    if edits and not dry_run:
        if branch is not None:
            from flowctl.loading.repository.branching import commit_on_branch

            message = f"Take {len(edits)} edit{'s' * (len(edits) != 1)} of {target.name} from its server"
            commit = commit_on_branch(workspace.root, branch, {edit.path: edit.after for edit in edits}, message)
            console.say(f"Committed to branch {branch}: {commit[:12]}")
        else:
            write_edits(workspace, edits)
            console.say(f"Review with Git, then: flowctl plan {target.name}")
    return 1 if left_out else 0
