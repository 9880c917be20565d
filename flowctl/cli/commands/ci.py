"""`flowctl ci comment|withdraw|issue|reviewed|same|environments`: what the workflows of a team call."""

from __future__ import annotations

from pathlib import Path

import click

from flowctl.cli.completing import complete_environment
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option

FORGE = click.option("--to", type=click.Choice(["github", "gitlab"]), help="The forge; where the job runs by default.")
REQUEST = click.option(
    "--pull-request", type=click.IntRange(1), metavar="N", help="Pull or merge request; the job's by default."
)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("ci")
def command() -> None:
    """In continuous integration: comments on pull requests, issues about drift, comparing plans."""


@command.command("comment")
@click.argument("plans", metavar="PLANFILE...", nargs=-1, type=FILE)
@FORGE
@REQUEST
@click.option("--text", type=FILE, metavar="FILE", help="Say this Markdown instead of a plan; needs --about.")
@click.option(
    "--about", metavar="ENV", shell_complete=complete_environment, help="The environment that --text is about."
)
@json_option()
@common_options
@click.pass_obj
def comment(
    console: Console,
    plans: tuple[Path, ...],
    to: str | None,
    pull_request: int | None,
    text: Path | None,
    about: str | None,
    as_json: bool,
) -> None:
    """Keep one comment per environment: written once, then replaced. The job's summary gets the same text."""
    from flowctl.ci.forge import keep
    from flowctl.ci.notes import budget, marker
    from flowctl.ci.summary import job_address, write_summary
    from flowctl.cli.concluding import conclude
    from flowctl.cli.forges.choosing import request_notes
    from flowctl.cli.plans.planfiles import read_plan
    from flowctl.errors import UsageError
    from flowctl.views.plans.markdown import plan_markdown

    if (text is None) != (about is None) or (text is None) == (not plans):
        raise UsageError.of("C143", "comment on what?", hint="name plan files, or give --text FILE with --about ENV")
    notes = request_notes(console.environ, to, pull_request)
    bodies = [(about, marker("apply", _environment(about)), _markdown(text))] if text and about else []
    job = job_address(console.environ)
    end = f"\n[The job that made this plan]({job})\n" if job else ""
    for plan in map(read_plan, plans):
        mark = marker("plan", plan.environment)
        bodies.append((plan.environment, mark, plan_markdown(plan, budget(mark) - len(end)) + end))
    kept = []
    for name, mark, body in bodies:
        write_summary(console.environ, body)
        kept.append({"environment": name, "comment": keep(notes, mark, body[: budget(mark)])})
    conclude(console, "comments", {"comments": kept}, *(f"Comment: {one['comment']}" for one in kept))


def _markdown(path: Path) -> str:
    from flowctl.errors import UsageError

    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        hint = "name the file that holds the Markdown"
        raise UsageError.of("C144", f"cannot read the text {path}: {reason}", hint=hint) from problem


def _environment(name: str) -> str:
    """The name as it was given: nothing else may stand in the mark by which a note is found again."""
    from flowctl.cli.scaffolding import check_name

    check_name(name)
    return name


@command.command("withdraw")
@click.option("--changed-since", metavar="REF", required=True, help="What the request starts from.")
@FORGE
@REQUEST
@json_option()
@common_options
@click.pass_obj
def withdraw(console: Console, changed_since: str, to: str | None, pull_request: int | None, as_json: bool) -> None:
    """Rewrite the comments with plans of environments that the change does not touch any more."""
    from flowctl.ci import forge
    from flowctl.cli.concluding import conclude
    from flowctl.cli.forges.choosing import request_notes
    from flowctl.cli.forges.touched import names_touched

    touched = names_touched(changed_since)
    gone = forge.withdraw(request_notes(console.environ, to, pull_request), touched)
    said = [f"Withdrawn: the plan for {name}" for name in gone] or ["No comment is out of date."]
    conclude(console, "withdrawn", {"environments": gone}, *said)


@command.command("issue")
@click.option("--about", required=True, metavar="ENV", shell_complete=complete_environment, help="The environment.")
@click.option("--text", required=True, type=FILE, metavar="FILE", help="Markdown; empty closes the issue.")
@json_option()
@common_options
@click.pass_obj
def issue(console: Console, about: str, text: Path, as_json: bool) -> None:
    """Keep one open issue about an environment's drift; an empty text closes it. GitHub only."""
    from flowctl.ci.forge import keep
    from flowctl.ci.notes import budget, marked, marker, ours
    from flowctl.cli.concluding import conclude
    from flowctl.cli.forges.choosing import issues

    place, mark = issues(console.environ, f"Drift on {about}"), marker("drift", _environment(about))
    body = _markdown(text).strip()
    found = None if body else ours(place.all(), mark)
    if body:
        where = keep(place, mark, body[: budget(mark)])
        state, said = "open", f"Issue: {where}"
    elif found is None:
        where, state, said = None, "none", f"No drift on {about}, and no issue about it."
    else:
        where = place.close(found, marked("No drift any more.", mark))
        state, said = "closed", f"Closed: {where}"
    conclude(console, "issue", {"environment": about, "state": state, "issue": where}, said)


@command.command("reviewed")
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.option("--out", required=True, type=FILE, metavar="FILE.json", help="Where the plan goes.")
@click.option("--job", default="plan", metavar="NAME", help="The job that made it: `plan`, when left out.")
@json_option()
@common_options
@click.pass_obj
def reviewed(console: Console, environment: str, out: Path, job: str, as_json: bool) -> None:
    """Fetch the plan reviewed with this commit's merge request, and print the request's number. GitLab only."""
    from flowctl.ci.gitlab import forge_of
    from flowctl.ci.gitlab_plans import merged_commit, reviewed_plan
    from flowctl.cli.concluding import conclude

    project, commit = merged_commit(console.environ)
    number, plan = reviewed_plan(forge_of(console.environ), project, commit, _environment(environment), job)
    _write(out, plan)
    if not as_json:
        console.show(str(number))
    conclude(console, "reviewed", {"environment": environment, "mergeRequest": number, "file": str(out)})


def _write(path: Path, data: bytes) -> None:
    from flowctl.errors import FlowctlError

    try:
        path.write_bytes(data)
    except OSError as problem:
        hint = "give --out a file in a directory that exists, on a disk with room"
        raise FlowctlError.of("C107", f"cannot write {path}: {problem.strerror}", hint=hint) from problem


@command.command("same")
@click.argument("reviewed", type=FILE)
@click.argument("found", type=FILE)
@json_option()
@common_options
@click.pass_obj
def same(console: Console, reviewed: Path, found: Path, as_json: bool) -> int:
    """Whether two saved plans would do the same: exit code 0, or 1 with the differences."""
    from flowctl.ci.notes import same_changes
    from flowctl.cli.concluding import conclude
    from flowctl.cli.plans.planfiles import read_plan

    differences = same_changes(read_plan(reviewed), read_plan(found))
    for difference in () if as_json else differences:
        console.show(difference)
    members = {"same": not differences, "differences": differences}
    conclude(console, "same", members, *([] if differences else ["Both plans have the same changes."]))
    return 1 if differences else 0


@command.command("environments")
@click.option("--changed-since", metavar="REF", help="Only those with a file that Git says changed since REF.")
@json_option("Print a JSON list, for a job's matrix.")
@common_options
@click.pass_obj
def environments(console: Console, changed_since: str | None, as_json: bool) -> None:
    """The environments that a job can deploy to: those with the address of a server."""
    import json

    from flowctl.cli.forges.touched import names_touched

    names = names_touched(changed_since)
    if names or as_json:
        console.show(json.dumps(names) if as_json else "\n".join(names))
    else:
        console.say("No environment has the address of a server and a change.")
