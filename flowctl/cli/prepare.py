"""From files and a server to a plan: what `plan`, `apply` and `adopt` have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flowctl import __version__
from flowctl.cli.console import Console
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveState, Verdict
from flowctl.model.plan import Action, Plan
from flowctl.model.project import Project
from flowctl.remote.port import Server


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the options of a planning command ask for; see the commands' help."""

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    changed_since: str | None = None
    adopt: tuple[str, ...] = ()
    adopt_all: bool = False
    allow_empty: bool = False
    allow_protected: tuple[str, ...] = ()
    max_deletes: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the two sides it was made from, and the connection that is still open."""

    plan: Plan
    project: Project
    live: LiveState
    server: Server


def make_plan(
    workspace: Workspace,
    environment: Environment,
    wishes: Wishes,
    console: Console,
    connect: Callable[[], Server],
) -> Planned:
    """Load, connect, read, compare, have the target judge what changes.

    Nothing is contacted before the project is sound. When nothing differs the server is asked once.
    """
    from flowctl.loading.project import load_project
    from flowctl.planning.build import attach_verdicts, build_plan
    from flowctl.planning.compare import differing

    project = load_project(workspace, environment, console.environ)
    server = connect()
    live = server.read_state(environment)
    sources = read_sources(server, differing(project, live), live)
    request = _request(workspace, project, live, sources, wishes)
    plan = build_plan(request)
    verdicts = judge(server, plan)
    return Planned(attach_verdicts(plan, verdicts) if verdicts else plan, project, live, server)
