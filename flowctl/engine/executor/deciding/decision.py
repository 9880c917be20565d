"""What a decision consists of. A decision says what to do; `apply` does it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun


@dataclass(frozen=True, slots=True)
class NewRun:
    """A task run to be created."""

    node: Node
    parent: TaskRun | None
    value: str | None = None
    iteration: int | None = None


@dataclass(slots=True)
class Decision:
    """What has to happen next to one execution.

    `create` new runs; `start` runs that wait for it; `finish` groups and waiting runs with the state they reached;
    `rounds` LoopUntil runs whose children ended, so that the condition is due; `spawn` (loop run, index) iterations;
    `interrupt` runs whose work or child execution has to stop; `close` (run, state) runs that end without more ado;
    `admit` it, if its flow's limit has room; `state` the execution's new state while it goes on; `end` its final one;
    `wake` the time of the next look.
    """

    create: list[NewRun] = field(default_factory=list)
    start: list[TaskRun] = field(default_factory=list)
    finish: list[tuple[TaskRun, str]] = field(default_factory=list)
    rounds: list[TaskRun] = field(default_factory=list)
    spawn: list[tuple[TaskRun, int]] = field(default_factory=list)
    interrupt: list[TaskRun] = field(default_factory=list)
    close: list[tuple[TaskRun, str]] = field(default_factory=list)
    admit: bool = False
    state: str | None = None
    end: str | None = None
    wake: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done now (a wake-up may still be due later)."""
        return not (
            self.create
            or self.start
            or self.finish
            or self.rounds
            or self.spawn
            or self.interrupt
            or self.close
            or self.admit
            or self.state
            or self.end
        )

    def wake_at(self, when: int) -> None:
        """Look again at this time, unless an earlier look is due."""
        self.wake = when if self.wake is None else min(self.wake, when)
