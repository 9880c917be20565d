"""A real executor over a real store, for tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from flowctl.engine.api.flows.shapes import body_of
from flowctl.engine.executor.assembling import assemble
from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.lifecycle.launching import Launch, launch, store_new
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store import Store
from flowctl.engine.store.tables import executions, flows, logs, steps
from flowctl.engine.store.tables.flow_rows import NewFlow
from flowctl.engine.store.tables.logs import LogLine
from flowctl.flowtext.document import parse
from flowctl.model.environment import Dialect

T = TypeVar("T")
DEADLINE = 120.0
HOUR = 3_600_000_000
"""In microseconds, as the executor's clock counts."""


class Engine:
    """Saves flows, starts executions and waits for them."""

    def __init__(self, store: Store, executor: Executor) -> None:
        self.store, self.executor = store, executor

    def save(self, source: str) -> tuple[str, str]:
        """Store a flow. Returns its key."""
        value = parse(source).value
        assert isinstance(value, dict)
        key = str(value["namespace"]), str(value["id"])
        self.store.write(
            lambda c: flows.save(c, NewFlow(*key, source, "digest", body_of(value)), self.store.now_ms)
        ).result()
        return key

    def start(self, namespace: str, flow_id: str, **inputs: object) -> str:
        """Start an execution. Returns its id."""
        flow = self.executor.services.flows.latest(namespace, flow_id)
        execution = launch(self.executor.services, flow, Launch(inputs=inputs, system=[("system.from", "api")]))
        self.store.write(lambda connection: store_new(connection, execution, flow.definition)).result()
        self.executor.ready(execution.id)
        return execution.id

    def run(self, source: str, **inputs: object) -> Execution:
        """Save a flow, run it and wait for its end."""
        return self.wait(self.start(*self.save(source), **inputs))

    def read(self, id_: str) -> Execution:
        """The execution as it is stored."""
        found = self.store.read(lambda connection: executions.read(connection, id_))
        assert found is not None
        return found

    def idle(self, id_: str) -> bool:
        """Whether nothing is left to do for an ended execution."""
        rows = self.store.read(lambda connection: steps.due(connection))
        return self.read(id_).terminal and id_ not in {row[0] for row in rows}

    def wait(self, id_: str, until: Callable[[Execution], bool] | None = None) -> Execution:
        """The execution once it has ended and nothing is left to do, or once `until` holds."""
        changed = threading.Event()
        stop = self.executor.hub.listen(id_, lambda _: changed.set())
        try:
            while True:
                changed.clear()
                if self.idle(id_) if until is None else until(self.read(id_)):
                    return self.read(id_)
                assert changed.wait(DEADLINE), f"nothing happened to {id_}: {self.read(id_).state}"
        finally:
            stop()

    def wait_state(self, id_: str, state: str) -> Execution:
        """The execution once it is in a state."""
        return self.wait(id_, lambda execution: execution.state == state)

    def command(self, id_: str, change: Callable[[Performer], T]) -> T:
        """Change an execution."""
        return self.executor.command(id_, change).result(DEADLINE)

    def an_hour_passes(self, *ids: str) -> None:
        """The executor's clock goes on by an hour, and these executions are looked at, as when their timers ring."""
        clock = self.executor.services.clock
        self.executor.services.clock = lambda: clock() + HOUR
        for id_ in ids:
            self.executor.ready(id_)

    def lines(self, id_: str, level: str = "INFO") -> list[LogLine]:
        """The log of an execution's tasks."""
        found = self.store.read(lambda connection: logs.of_execution(connection, id_, min_level=level))
        return [line for line in found if line.task_id]

    def messages(self, id_: str, level: str = "INFO") -> list[str]:
        """`LEVEL task: message` of each line."""
        return [f"{line.level} {line.task_id}: {line.message}" for line in self.lines(id_, level)]

    def own_messages(self, id_: str, level: str = "INFO") -> list[str]:
        """The lines about an execution itself."""
        found = self.store.read(lambda connection: logs.of_execution(connection, id_, min_level=level))
        return [line.message for line in found if not line.task_id]


def states(execution: Execution) -> dict[str, str]:
    """State by task, the last run of each."""
    return {run.task_id: run.state for run in execution.runs.values()}


def output(execution: Execution, task_id: str) -> Mapping[str, object]:
    """The outputs of a task's last run."""
    return next(run.outputs for run in reversed(execution.runs.values()) if run.task_id == task_id)


@contextmanager
def engine(directory: Path, dialect: Dialect = "lenient", environ: Mapping[str, str] | None = None) -> Iterator[Engine]:
    """An executor over the store in a directory."""
    store = Store.open(directory, environ={})
    try:
        executor = assemble(store, directory, dialect, environ=environ or {})
        executor.start()
        try:
            yield Engine(store, executor)
        finally:
            executor.close()
    finally:
        store.close()


def flow(tasks: str, extra: str = "", id_: str = "f") -> str:
    """A flow with these tasks, written with two blanks of indentation."""
    return f"id: {id_}\nnamespace: test.engine\n{extra}tasks:\n{tasks}"
