"""From files and a server to a plan: what `plan`, `apply` and `adopt` have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flowctl import __version__
from flowctl.cli.console import Console
from flowctl.cli.plans.judging import Judge
from flowctl.cli.plans.meanwhile import imported_meanwhile
from flowctl.cli.reading import read_live, read_project, waiting
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.live import LiveState
from flowctl.model.plan import Plan
from flowctl.model.project import Project
from flowctl.remote.port import Server
from flowctl.views.values import plural

if TYPE_CHECKING:
    from flowctl.planning.request import PlanRequest
    from flowctl.planning.selection import Selection


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
    forget: tuple[str, ...] = ()
    max_deletes: str | None = None
    drain: bool = False
    quiet_window: float | None = None
    resume: tuple[str, ...] = ()
    resume_all: bool = False

    @property
    def everything(self) -> bool:
        """Whether no flow is left out."""
        return not (self.select or self.exclude or self.changed_since)

    @property
    def given(self) -> tuple[str, ...]:
        """The options that were used, as they are typed; without those that apply takes for a saved plan too."""
        used = (name for name in self.__slots__ if name != "quiet_window" and getattr(self, name))
        return tuple(f"--{name.replace('_', '-')}" for name in used)

    @property
    def typed(self) -> str:
        """The options that were used, with their values, as a shell takes them; each after a space."""
        words = [word for name in _TYPED for word in _words(name, getattr(self, name))]
        return "".join(f" {word}" for word in words)


_TYPED = (
    *("select", "exclude", "changed_since", "max_deletes", "allow_empty", "allow_protected"),
    *("forget", "resume", "drain", "quiet_window"),
)
"""Options that `plan`, `apply` and `rollback` have in common."""


def _words(name: str, value: object) -> Iterator[str]:
    import shlex

    option = f"--{name.replace('_', '-')}"
    for one in value if isinstance(value, tuple) else (value,) if value else ():
        text = f"{one:g}s" if isinstance(one, float) else str(one)
        yield option if one is True else f"{option} {shlex.quote(text)}"


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the two sides it was made from, and the connection that is still open."""

    plan: Plan
    project: Project
    live: LiveState
    server: Server


def make_plan(
    console: Console,
    workspace: Workspace,
    environment: Environment,
    wishes: Wishes,
    connect: Callable[[], Server],
) -> Planned:
    """Load, connect, read, compare, and have the target judge what changes.

    Nothing is contacted before the project is sound. When nothing differs the server is asked once.
    """
    from flowctl.loading.collecting import collection_put_off

    with collection_put_off():
        project = read_project(console, workspace, environment)
        server = connect()
        with imported_meanwhile():
            live = read_live(console, environment, server)
        return plan_project(console, workspace, project, live, server, wishes)


def plan_project(
    console: Console, workspace: Workspace, project: Project, live: LiveState, server: Server, wishes: Wishes
) -> Planned:
    """Compare two sides that were read before, and have the target judge what changes."""
    from flowctl.planning.build import attach_verdicts, build_plan, to_validate

    judge = Judge(server)
    with waiting(console, project.environment, "show the flows that differ"):
        request = _request(workspace, project, live, server, wishes, judge)
    plan = build_plan(request)
    asked = to_validate(plan)
    with waiting(console, project.environment, f"check {plural(len(asked), 'flow')}"):
        verdicts = judge.verdicts(asked)
    return Planned(attach_verdicts(plan, verdicts) if verdicts else plan, project, live, server)


def _request(
    workspace: Workspace, project: Project, live: LiveState, server: Server, wishes: Wishes, judge: Judge
) -> PlanRequest:
    """Both sides, with the texts and bytes of what differs and no more."""
    from flowctl.applying.process import is_gone
    from flowctl.planning.differences.compare import contents_needed, differing, flows_to_write
    from flowctl.planning.ordering.callers import unknown_callers
    from flowctl.planning.request import PlanOptions, PlanRequest

    if wishes.everything:
        judge.ask_ahead(project, flows_to_write(project, live))
    flows = differing(project, live)
    flows += unknown_callers(project, live, flows)
    files = {key: Path(project.files[key].path).read_bytes() for key in contents_needed(project, live)}
    return PlanRequest(
        project,
        live,
        now=datetime.now(UTC),
        plan_id=str(uuid4()),
        flowctl_version=__version__,
        sources=server.read_sources(flows) if flows else {},
        data=files,
        selection=_selection(workspace, wishes),
        options=PlanOptions(
            adopt=wishes.adopt,
            adopt_all=wishes.adopt_all,
            allow_empty=wishes.allow_empty,
            allow_protected=wishes.allow_protected,
            forget=wishes.forget,
            max_deletes=wishes.max_deletes,
            quiet_window=wishes.quiet_window,
            drain=wishes.drain,
            resume=wishes.resume,
            resume_all=wishes.resume_all,
        ),
        holder_gone=live.lock is not None and is_gone(live.lock.process),
    )


def _selection(workspace: Workspace, wishes: Wishes) -> Selection:
    from flowctl.planning.selection import Selection

    if wishes.changed_since is None:
        return Selection(wishes.select, wishes.exclude)
    from flowctl.loading.repository.git import changed_since, flow_ids_at

    paths = changed_since(workspace.root, wishes.changed_since)
    ids = flow_ids_at(workspace.root, wishes.changed_since, paths)
    return Selection(wishes.select, wishes.exclude, paths, ids)


def wishes_of(options: Mapping[str, Any]) -> Wishes:
    """The options of a click command that are wishes."""
    return Wishes(**{name: value for name, value in options.items() if name in Wishes.__slots__})
