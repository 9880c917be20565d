"""What a change does beyond its text: to schedules, callers, the interface, and what runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flowctl.model.keys import FlowKey


@dataclass(frozen=True, slots=True)
class ScheduleImpact:
    """One schedule of a flow that changes. `effect` is created, changed, deleted, disabled or enabled.

    `cron_*` is the expression with its zone as text, empty where there is none. `before` and `after` are the next
    fire times (ascending, by the clock of the schedule's zone, with its offset), `daily_*` the mean of runs a day.
    `lost` are fires of the old series that the new one has not, `added` the reverse, both within a day; `today` says
    "lost" or "doubled" when the local day of the apply gets fewer or more runs than either schedule gives.
    `clock_changes` are notes about daylight saving.
    """

    trigger: str
    effect: str
    cron_before: str = ""
    cron_after: str = ""
    before: tuple[datetime, ...] = ()
    after: tuple[datetime, ...] = ()
    daily_before: float = 0.0
    daily_after: float = 0.0
    lost: tuple[datetime, ...] = ()
    added: tuple[datetime, ...] = ()
    today: str = ""
    clock_changes: tuple[str, ...] = ()


def moment_text(at: datetime) -> str:
    """A moment as its own clock shows it, to the minute, with the offset: `2026-03-01 06:00 UTC+01:00`."""
    return f"{at:%Y-%m-%d %H:%M %Z}"


@dataclass(frozen=True, slots=True)
class CallerImpact:
    """A flow that calls a flow of the plan. `depth` is 1 for one that names it, more for callers of callers.

    `relation` is subflow or trigger; `next_run` the caller's next scheduled run, where a server told one.
    """

    flow: FlowKey
    depth: int
    relation: str
    place: str = ""
    next_run: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One difference of a flow's interface. `grade` is breaking, compatible or cosmetic."""

    grade: str
    text: str


@dataclass(frozen=True, slots=True)
class RuntimeRow:
    """Something that runs or rests on the server and has to do with the change; `text` is one line for a reader.

    `kind` is paused, disabled, backfill, running, queued, or unseen (callers that may be missing); `count` how many.
    """

    kind: str
    text: str
    count: int = 1


class TaskMark(StrEnum):
    """What becomes of a task, or of one following another."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class TaskNode:
    """A task of either side. `type` is the last part of its type."""

    id: str
    type: str
    mark: TaskMark


@dataclass(frozen=True, slots=True)
class TaskEdge:
    """`target` comes after `source`, or stands inside it."""

    source: str
    target: str
    mark: TaskMark


@dataclass(frozen=True, slots=True)
class TaskGraph:
    """The tasks of a flow before and after."""

    nodes: tuple[TaskNode, ...]
    edges: tuple[TaskEdge, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What one change does. Empty for everything that is no flow; `tasks` only where a task differs."""

    schedules: tuple[ScheduleImpact, ...] = ()
    callers: tuple[CallerImpact, ...] = ()
    contract: tuple[ContractChange, ...] = ()
    runtime: tuple[RuntimeRow, ...] = ()
    tasks: TaskGraph | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.schedules or self.callers or self.contract or self.runtime or self.tasks)


NO_IMPACT = Impact()
