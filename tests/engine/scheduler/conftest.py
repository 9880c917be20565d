"""A store and a running executor, with a clock that the test sets; the scheduler's thread is not started."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowctl.engine.api.flows.checking import FlowChecker
from flowctl.engine.executor.assembling import assemble
from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.scheduler import rows
from flowctl.engine.scheduler.flowtriggers import FlowTriggers
from flowctl.engine.scheduler.listeners import Listeners
from flowctl.engine.scheduler.misses import Misses
from flowctl.engine.scheduler.schedules import Schedules
from flowctl.engine.store import Store
from flowctl.engine.store.tables import executions, flows

DEADLINE_SECONDS = 120
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class World:
    """Everything a test of triggers needs."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.store = Store.open(folder / "store", clock=lambda: self.now)
        self.executor: Executor = assemble(self.store, folder / "data")
        self.executor.services.clock = lambda: int(self.now.timestamp() * 1_000_000)
        self.executor.start()
        self.listeners = Listeners(self.executor.services)
        self.flow_triggers = FlowTriggers(self.executor, self.listeners)
        self.misses = Misses(self.executor, self.listeners)
        self.schedules = Schedules(self.executor, START)
        self.executor.moved.append(self._moved)

    def _moved(self, connection: object, execution: Execution, states: Sequence[str]) -> None:
        if execution.terminal and execution.trigger:
            rows.ended(connection, execution)  # type: ignore[arg-type]
        for state in states:
            self.flow_triggers.remember(connection, execution, state)  # type: ignore[arg-type]

    def save(self, source: str) -> None:
        """Save a flow, as the API does."""
        flow = FlowChecker("lenient").check(source).flow
        assert flow is not None
        self.store.write(lambda c: flows.save(c, flow, int(self.now.timestamp() * 1000))).result()
        self.listeners.renew([(flow.namespace, flow.id)])
        self.misses.watch(self.now)
        self.schedules.date_new()

    def delete(self, flow_id: str) -> None:
        """Delete a flow, as the API does."""
        self.store.write(lambda c: flows.delete(c, "t", flow_id, int(self.now.timestamp() * 1000))).result()
        self.listeners.renew([("t", flow_id)])
        self.misses.watch(self.now)

    def at(self, moment: datetime) -> None:
        """Set the clock and do what is due, round after round."""
        self.now = moment
        while self.schedules.work(moment) or self.flow_triggers.work() or self.misses.work(moment):
            self.settle()
        self.settle()

    def settle(self) -> None:
        """Wait until every execution has ended and is recorded."""
        for execution in self.executions():
            self._until_ended(execution.id)

    def _until_ended(self, execution_id: str) -> None:
        ended = threading.Event()

        def look(_: str = "") -> None:
            head = self.store.read(lambda c: executions.head(c, execution_id))
            if head is None or head.terminal:
                ended.set()

        stop = self.executor.hub.listen(execution_id, look)
        try:
            look()
            assert ended.wait(DEADLINE_SECONDS), f"execution {execution_id} did not end"
        finally:
            stop()

    def executions(self, flow_id: str | None = None) -> list[Execution]:
        """All executions, the oldest first."""
        ids = self.store.read(lambda c: c.execute("SELECT id FROM executions ORDER BY created_us, rowid").fetchall())
        found = [self.store.read(lambda c, id_=row[0]: executions.read(c, id_)) for row in ids]  # type: ignore[misc]
        return [one for one in found if one is not None and flow_id in (None, one.flow_id)]

    def dates(self, flow_id: str = "f") -> list[str]:
        """`trigger.date` of a flow's executions."""
        return [str((one.trigger or {})["variables"]["date"]) for one in self.executions(flow_id)]  # type: ignore[index]

    def told(self) -> list[tuple[str, str]]:
        """Triggers and their own lines, the oldest first."""
        query = "SELECT trigger_id, message FROM logs WHERE execution_id IS NULL ORDER BY id"
        return self.store.write(lambda connection: connection.execute(query).fetchall()).result()

    def close(self) -> None:
        self.executor.close()
        self.store.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def flow(trigger: str, id_: str = "f", tasks: str = "", extra: str = "") -> str:
    """A flow with one task and the triggers given as YAML list items."""
    body = tasks or "  - id: say\n    type: io.kestra.plugin.core.debug.Return\n    format: '{{ trigger }}'\n"
    return f"id: {id_}\nnamespace: t\n{extra}tasks:\n{body}triggers:\n{trigger}"


HOURLY = "  - id: s\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: '0 * * * *'\n"
