"""What a plan is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowctl.model.keys import FileKey, FlowKey
from flowctl.model.live import LiveState, Verdict
from flowctl.model.project import Project
from flowctl.planning.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Options that override refusals.

    `adopt` names objects (globs over `NS/ID` or addresses) that may be taken over although their text differs;
    `adopt_all` takes over every object that has a file. `forget` names owned objects that no file has any more, and
    that stay on the server (globs); `allow_protected` are globs too. `resume` names flows that somebody disabled on the
    server and that are to be enabled again (globs), `resume_all` takes every one. `max_deletes` overrides the
    environment's: a count, or a share such as `"50%"`. `quiet_window` (seconds) says for how long a flow has to be
    quiet before it is written; `drain` that deletes wait for the end of running executions.
    """

    adopt: tuple[str, ...] = ()
    adopt_all: bool = False
    allow_empty: bool = False
    allow_protected: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()
    max_deletes: int | str | None = None
    quiet_window: float | None = None
    drain: bool = False
    resume: tuple[str, ...] = ()
    resume_all: bool = False


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Both sides and what was asked. `build_plan` reads nothing else.

    `sources` are live texts of the flows that `planning.compare.differing` names (more do no harm: they let callers
    be found); `data` the bytes of the namespace files that `planning.compare.contents_needed` names; `now` and
    `plan_id` go into the plan as they are. `holder_gone` says that the process that holds the lock has ended.
    """

    project: Project
    live: LiveState
    now: datetime
    plan_id: str
    flowctl_version: str
    sources: Mapping[FlowKey, str] = field(default_factory=dict)
    data: Mapping[FileKey, bytes] = field(default_factory=dict)
    verdicts: Mapping[FlowKey, Verdict] = field(default_factory=dict)
    selection: Selection = EVERYTHING
    options: PlanOptions = PlanOptions()
    holder_gone: bool = False
