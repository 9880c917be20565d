"""One turn of an execution: everything that changes between reading it and committing, to be written at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Attempt, Execution, TaskRun, set_run_state
from flowctl.engine.executor.records.states import FAILED, RETRIED, RETRYING, RUNNING, TERMINAL
from flowctl.engine.store.tables import executions, logs, steps
from flowctl.engine.store.tables.logs import LogLine, Metric

GO_ON = (RETRYING, RETRIED)
MESSAGE_LIMIT = 10 * 1024
Write = Callable[[sqlite3.Connection], object]


@dataclass(slots=True)
class Turn:
    """Changes of one execution. `now` is the time of the turn, in microseconds; it grows within the turn.

    `extra` are further writes of the same transaction; `after` is done once it is on disk; `spawned` are the ids of
    executions to look at then, `born` those that this turn created and whose records need not be read.
    """

    live: Live
    clock: Callable[[], int]
    owner: str
    mask: Callable[[str], str]
    old_state: str = ""
    old_length: int = 0
    old_labels: list[tuple[str, str]] = field(default_factory=list)
    again: bool = False
    dirty: dict[str, TaskRun] = field(default_factory=dict)
    removed: list[TaskRun] = field(default_factory=list)
    lines: list[LogLine] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    submitted: list[TaskRun] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    consumed: list[int] = field(default_factory=list)
    extra: list[Write] = field(default_factory=list)
    spawned: list[str] = field(default_factory=list)
    born: list[Execution] = field(default_factory=list)
    wake: int | None = None

    def __post_init__(self) -> None:
        self.old_state, self.old_labels = self.execution.state, list(self.execution.labels)
        self.old_length = len(self.execution.history) if self.execution.version else 1

    @property
    def execution(self) -> Execution:
        """The execution."""
        return self.live.execution

    @property
    def reached(self) -> list[str]:
        """The states that the execution came into, also those that it has left again; CREATED is none, nor a failure
        that a retry follows at once."""
        states = [state for state, _ in self.execution.history[self.old_length :]]
        found = [state for state, following in zip_longest(states, states[1:]) if following not in GO_ON]
        return found or ([self.execution.state] if self.execution.state != self.old_state else [])

    def add(self, run: TaskRun) -> None:
        """A new task run."""
        self.execution.add(run)
        self.touch(run)

    def touch(self, run: TaskRun) -> None:
        """The run has changed."""
        self.dirty[run.id] = run
        self.live.note(run)

    def move(self, run: TaskRun, state: str, attempt: str | None = None) -> None:
        """A run reaches a state; its attempt follows where it may, with a state of its own when it has one."""
        now = self.clock()
        set_run_state(self.execution, run, state, now)
        if run.attempts and run.attempts[-1].state not in TERMINAL and (state == RUNNING or state in TERMINAL):
            run.attempts[-1].history.append((attempt or state, now))
        self.touch(run)

    def go_on(self, run: TaskRun, state: str) -> None:
        """A run that failed becomes RETRYING or RETRIED: both states are in its history, as on servers."""
        self.move(run, state, FAILED)
        if run.attempts and run.attempts[-1].state not in TERMINAL:
            run.attempts[-1].history.append((FAILED, run.history[-1][1]))
        run.history.insert(-1, (FAILED, run.history[-1][1]))

    def begin(self, run: TaskRun, worker: str | None) -> None:
        """A new attempt, RUNNING."""
        now = self.clock()
        run.attempts.append(Attempt([("CREATED", now), (RUNNING, now)], worker))
        set_run_state(self.execution, run, RUNNING, now)
        self.touch(run)

    def become(self, state: str) -> None:
        """The execution reaches a state. A retry of one of its own tasks, not of one in a group, follows a failure."""
        now = self.clock()
        if state in GO_ON and any(_goes_on(run, state) for run in self.execution.group(None).runs):
            self.execution.history.append((FAILED, now))
        self.execution.history.append((state, now))

    def remove(self, runs: Iterable[TaskRun]) -> None:
        """Take runs out, with their outputs and states."""
        doomed = list(runs)
        self.removed.extend(doomed)
        for run in doomed:
            self.dirty.pop(run.id, None)
        self.execution.remove(doomed)
        if doomed:
            self.live.rebuild()

    def log(self, run: TaskRun | None, level: str, message: str, thread: str = "executor") -> None:
        """A line of the execution's log; long ones become several."""
        execution = self.execution
        attempt = max(len(run.attempts) - 1, 0) if run is not None else None
        for index, part in enumerate(split_message(self.mask(message))):
            self.lines.append(
                LogLine(
                    execution.id,
                    execution.namespace,
                    execution.flow_id,
                    run.task_id if run else None,
                    run.id if run else None,
                    attempt,
                    self.clock() + index * 1000,
                    level,
                    part,
                    thread,
                )
            )

    def tell(self, execution_id: str, event: Mapping[str, object]) -> None:
        """Leave an event for another execution."""
        own = self.execution
        self.extra.append(lambda connection: steps.tell(connection, execution_id, event, sealed=own.sealed))
        self.spawned.append(execution_id)

    def write(self, connection: sqlite3.Connection) -> None:
        """Record the whole turn: inside a transaction of the store.

        Raises:
            Outdated: the execution was changed meanwhile.
        """
        execution = self.execution
        executions.update(connection, execution, self.old_state, labels=execution.labels != self.old_labels)
        executions.drop_runs(connection, execution.id, [run.position for run in self.removed])
        executions.put_runs(connection, execution, self.dirty.values())
        steps.drop_runs(connection, execution.id, self.dropped)
        for run in self.submitted:
            steps.add_run(connection, execution.id, run.id, self.owner)
        if self.consumed:
            steps.forget(connection, self.consumed)
        if self.lines:
            logs.add(connection, self.lines)
        if self.metrics:
            logs.add_metrics(connection, self.metrics)
        if steps.unseen(connection, execution.id):
            self.again = True  # it came after this turn had begun; put to sleep, nobody would look at it after a crash
        waits = None if execution.terminal else steps.NEVER
        steps.advanced(connection, execution.id, 0 if self.again else self.wake if self.wake is not None else waits)
        for write in self.extra:
            write(connection)
        if self.extra and steps.is_due(connection, execution.id):
            self.again = True  # a child that was refused at once has told its end already


def _goes_on(run: TaskRun, state: str) -> bool:
    """Whether a run that failed itself is in this state of a retry."""
    return [one for one, _ in run.history[-2:]] == [FAILED, state]


def split_message(text: str) -> list[str]:
    """A message in parts of at most 10 KiB of characters; one part for a short one."""
    if len(text) <= MESSAGE_LIMIT:
        return [text]
    return [text[at : at + MESSAGE_LIMIT] for at in range(0, len(text), MESSAGE_LIMIT)]
