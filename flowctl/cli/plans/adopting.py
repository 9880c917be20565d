"""Taking over what flowctl did not deploy, and nothing besides."""

from __future__ import annotations

from flowctl.cli.connecting import connect_to
from flowctl.cli.console import Console
from flowctl.cli.plans.applying import ApplyStyle, carry_out
from flowctl.cli.plans.prepare import Wishes, plan_project
from flowctl.cli.workspace import here, open_environment
from flowctl.errors import UsageError
from flowctl.model.keys import ObjectKey
from flowctl.model.live import LiveState
from flowctl.model.project import Project
from flowctl.planning.selection import literal, matches

NOTHING = ("[]",)
"""A glob that matches no name."""


def adopt_objects(console: Console, name: str, keys: tuple[str, ...], style: ApplyStyle, *, every: bool = False) -> int:
    """Take over objects that have a file: plan those alone, show, ask, apply; returns the exit code.

    What else waits for an apply, of flowctl's own objects too, is left to `flowctl apply`.

    Raises:
        UsageError: C123, neither keys nor `--all`.
    """
    from flowctl.cli.reading import read_live, read_project

    if bool(keys) == every:
        raise UsageError.of("C123", "adopt what?", hint="name the objects (NS/ID), or give --all; not both")
    workspace = here()
    environment = open_environment(workspace, name, console.environ)
    project = read_project(console, workspace, environment)
    server = connect_to(workspace, environment, console)
    live = read_live(console, environment, server)
    select = _select(project, live, keys, every=every)
    if not select and not console.json:
        console.say("Nothing to take over: what has a file and is on the server is flowctl's already.")
        return 0
    wishes = Wishes(select=select or NOTHING, adopt=keys, adopt_all=every, allow_empty=True)
    return carry_out(console, plan_project(console, workspace, project, live, server, wishes), environment, style)


def _select(project: Project, live: LiveState, keys: tuple[str, ...], *, every: bool) -> tuple[str, ...]:
    """Globs for what is to be taken over, and the given ones that no file is behind: the plan says so of them."""
    filed: set[ObjectKey] = {*project.flows, *project.files, *project.kv}
    owned = live.ledger.entries.keys() if live.ledger is not None else set[ObjectKey]()
    foreign = (filed & {*live.flows, *live.files, *live.kv}) - owned
    chosen = [key for key in foreign if every or matches(key, keys)]
    strange = [one for one in keys if not any(matches(key, (one,)) for key in filed)]
    return (*sorted(literal(key.address) for key in chosen), *strange)
