"""A walk over the open part of an execution's tree of runs, children before their parents: what it finds to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from flowctl.engine.executor.deciding.decision import Decision, NewRun
from flowctl.engine.executor.records.definition import Definition, Node
from flowctl.engine.executor.records.records import Execution, Group, TaskRun, working
from flowctl.engine.executor.records.states import BREAKPOINT, FAILED, PAUSED, RETRYING, WAITING_TO_START, tolerate

GROUPS = frozenset(
    {"sequential", "items", "if", "switch", "directory", "pause", "approval", "parallel", "dag", "until", "each"}
)
"""Shapes that go on by what is in them alone: one whose child waits for a retry waits."""


@dataclass(slots=True)
class Walk:
    """What is known while walking; what is to be done gathers in `decision`.

    `running` and `paused` say how a run of each shape goes on. `moving`, `pausing`, `retrying` and `stopped` say
    whether a run was met that begins or runs, is PAUSED, waits for a retry, or stands at a breakpoint.
    """

    definition: Definition
    execution: Execution
    now: int
    decision: Decision
    running: Step
    paused: Step
    moving: bool = False
    pausing: bool = False
    retrying: bool = False
    stopped: bool = False

    def open_runs(self, group: Group) -> None:
        """Look at every open run of a group."""
        for run in list(group.open.values()):
            self.look(run)

    def retries_below(self, group: Group) -> bool:
        """Look at every open run of a group. Returns whether one in it waits for a retry."""
        outside, self.retrying = self.retrying, False
        self.open_runs(group)
        inside, self.retrying = self.retrying, self.retrying or outside
        return inside

    def look(self, run: TaskRun) -> None:
        """Start, resume, finish or descend into one open run."""
        node = self.definition.nodes.get(run.task_id)
        if node is None:
            self.decision.close.append((run, FAILED))
        elif run.state in WAITING_TO_START:
            self.moving = True
            self.decision.start.append(run)
        elif run.state == RETRYING:
            self._retry(run)
        elif run.state == BREAKPOINT:
            self.stopped = True
        elif run.state == PAUSED:
            self.pausing = True
            self.paused(self, node, run)
        else:
            self.moving = self.moving or node.shape not in GROUPS or working(run)
            self.running(self, node, run)

    def _retry(self, run: TaskRun) -> None:
        due = run.memo.get("retry_at")
        assert isinstance(due, int)
        self.retrying = True
        if due <= self.now:
            self.moving = True
            self.decision.start.append(run)
        else:
            self.decision.wake_at(due)

    def create(
        self, nodes: tuple[Node, ...], parent: TaskRun | None, value: str | None = None, iteration: int | None = None
    ) -> None:
        """Create runs of these tasks."""
        for node in nodes:
            self.moving = True
            self.decision.create.append(NewRun(node, parent, value, iteration))

    def finish(self, node: Node, run: TaskRun, reached: str) -> None:
        """A group has reached a state: end what is still open in it, then itself."""
        for child in self.execution.group(run.id).open.values():
            self.close(child, reached)
        self.decision.finish.append((run, tolerate(reached, node.allow_failure, node.allow_warning)))

    def close(self, run: TaskRun, state: str) -> None:
        """End an open run and everything below it in its parent's state; its work is interrupted."""
        for child in self.execution.group(run.id).open.values():
            self.close(child, state)
        if working(run):
            self.decision.interrupt.append(run)
        self.decision.close.append((run, state))


Step: TypeAlias = Callable[[Walk, Node, TaskRun], None]
