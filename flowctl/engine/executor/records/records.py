"""What the executor knows of one execution: plain records, with an index of task runs by parent.

Times are integers: microseconds since 1970-01-01 UTC. Records are changed in a turn (`flowctl.engine.executor.turn`)
or before they are stored first, and written by `flowctl.engine.store.tables.executions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from flowctl.engine.executor.records.states import FAILED, RUNNING, TERMINAL

History = list[tuple[str, int]]


@dataclass(slots=True)
class Attempt:
    """One try of a task run. `log_file` is the address of its log, when that is a file."""

    history: History
    worker: str | None = None
    log_file: str | None = None

    @property
    def state(self) -> str:
        """The current state."""
        return self.history[-1][0]


@dataclass(slots=True)
class TaskRun:
    """One run of one task. `memo` holds what the executor has to remember (items, chosen branch, child execution)."""

    id: str
    task_id: str
    parent_id: str | None
    history: History
    value: str | None = None
    iteration: int | None = None
    attempts: list[Attempt] = field(default_factory=list)
    outputs: dict[str, object] = field(default_factory=dict)
    memo: dict[str, object] = field(default_factory=dict)
    position: int = -1

    @property
    def state(self) -> str:
        """The current state."""
        return self.history[-1][0]

    @property
    def item(self) -> str | None:
        """What tells the items of an each-task apart: the value, but for the second of one text."""
        item = self.memo.get("item")
        return item if isinstance(item, str) else self.value

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self.history[-1][0] in TERMINAL

    @property
    def started_at(self) -> int:
        """When the run was created."""
        return self.history[0][1]


@dataclass(slots=True)
class Group:
    """The runs below one parent (or of the top level), in order of creation.

    `pending` are the items of an each-task that are not known to be done with, `idle` those of them none of whose
    runs is open; `failed` counts failed runs.
    """

    runs: list[TaskRun] = field(default_factory=list)
    open: dict[str, TaskRun] = field(default_factory=dict)
    latest: dict[tuple[str, str | None], TaskRun] = field(default_factory=dict)
    by_value: dict[str | None, list[TaskRun]] = field(default_factory=dict)
    pending: dict[str, None] = field(default_factory=dict)
    idle: dict[str, None] = field(default_factory=dict)
    failed: int = 0

    def add(self, run: TaskRun) -> None:
        """Append a run."""
        self.runs.append(run)
        item = run.item
        self.latest[run.task_id, item] = run
        self.by_value.setdefault(item, []).append(run)
        if item is not None:
            self.pending[item] = None
        self.failed += run.state == FAILED
        self.keep(run)

    def keep(self, run: TaskRun) -> None:
        """Keep the indexes of what is open true after a run was added or has moved."""
        value = run.item
        if not run.terminal:
            self.open[run.id] = run
            if value is not None:
                self.pending[value] = None
                self.idle.pop(value, None)
            return
        self.open.pop(run.id, None)
        if value is not None and value in self.pending and all(other.terminal for other in self.by_value[value]):
            self.idle[value] = None


@dataclass(slots=True)
class Execution:
    """One execution. `variables` are those that tasks have set; `waiter` is (execution, task run) of the parent;
    `sealed`: it has to do with something secret, so that the store keeps what it was given and makes sealed; `lost` is
    the name of the key without which that cannot be read."""

    id: str
    namespace: str
    flow_id: str
    revision: int
    history: History
    inputs: dict[str, object] | None = None
    labels: list[tuple[str, str]] = field(default_factory=list)
    variables: dict[str, object] = field(default_factory=dict)
    unset: list[str] = field(default_factory=list)
    outputs: dict[str, object] | None = None
    trigger: dict[str, object] | None = None
    kind: str | None = None
    parent_id: str | None = None
    original_id: str = ""
    waiter: tuple[str, str] | None = None
    loop_run: dict[str, object] | None = None
    attempt_number: int = 1
    original_created: int = 0
    schedule_date: int | None = None
    memo: dict[str, object] = field(default_factory=dict)
    version: int = 0
    runs: dict[str, TaskRun] = field(default_factory=dict)
    groups: dict[str | None, Group] = field(default_factory=dict)
    next_position: int = 0
    parent: Execution | None = None
    sealed: bool = False
    lost: str | None = None

    @property
    def state(self) -> str:
        """The current state."""
        return self.history[-1][0]

    @property
    def terminal(self) -> bool:
        """Whether the execution has ended."""
        return self.history[-1][0] in TERMINAL

    def group(self, parent_id: str | None) -> Group:
        """The runs below a parent; empty when there are none yet."""
        found = self.groups.get(parent_id)
        return found if found is not None else EMPTY

    def add(self, run: TaskRun) -> None:
        """Append a task run, giving it its position."""
        if run.position < 0:
            run.position = self.next_position
        self.next_position = max(self.next_position, run.position + 1)
        self.runs[run.id] = run
        self.groups.setdefault(run.parent_id, Group()).add(run)

    def remove(self, doomed: Iterable[TaskRun]) -> None:
        """Take task runs out of the list."""
        for run in list(doomed):
            self.runs.pop(run.id, None)
        self.reindex()

    def reindex(self) -> None:
        """Build the index by parent anew, after a change that is not an append."""
        self.groups = {}
        for run in self.runs.values():
            self.groups.setdefault(run.parent_id, Group()).add(run)

    def descendants(self, run_id: str) -> list[TaskRun]:
        """All runs below a run, parents before children."""
        found: list[TaskRun] = []
        for child in self.group(run_id).runs:
            found.append(child)
            found.extend(self.descendants(child.id))
        return found

    def ancestors(self, run: TaskRun) -> list[TaskRun]:
        """The runs above a run, nearest first."""
        found = []
        parent = self.runs.get(run.parent_id) if run.parent_id else None
        while parent is not None:
            found.append(parent)
            parent = self.runs.get(parent.parent_id) if parent.parent_id else None
        return found

    @property
    def started(self) -> int | None:
        """When the execution first became RUNNING; None before."""
        return next((at for state, at in self.history if state == RUNNING), None)


EMPTY = Group()


def set_run_state(execution: Execution, run: TaskRun, state: str, now: int) -> None:
    """Move a task run to another state, keeping the index of open runs true."""
    group = execution.groups[run.parent_id]
    group.failed += (state == FAILED) - (run.state == FAILED)
    run.history.append((state, now))
    group.keep(run)


def working(run: TaskRun) -> bool:
    """Whether something goes on outside of the records for this run: a task's work, or child executions."""
    memo = run.memo
    if memo.get("busy") or memo.get("child"):
        return True
    started, ended, failed = (memo.get(name, 0) for name in ("started", "ended", "failed"))
    return isinstance(started, int) and isinstance(ended, int) and isinstance(failed, int) and started > ended + failed


def declared_labels(value: object) -> list[tuple[str, str]]:
    """Labels as a text declares them: a map, or a list of `{key, value}`."""
    if isinstance(value, dict):
        return [(str(key), _label_text(item)) for key, item in value.items()]
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return [(str(item.get("key")), _label_text(item.get("value"))) for item in items]


def _label_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def label_map(labels: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Labels with the last of each key kept, in the order of first appearance."""
    return list(dict(labels).items())
