"""A long queue: executions of a flow that runs one at a time go in order, and each costs as much as the one before."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

from flowctl.engine.executor.lifecycle.launching import Launch, launch, store_new
from flowctl.engine.store import Store
from tests.engine.running import Engine, engine, flow

SOURCE = flow(
    "  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n",
    "concurrency: {limit: 1, behavior: QUEUE}\n",
)
INSTRUCTIONS = 100


class Cost:
    """What the writer's statements cost: SQLite's own instructions, which are the same on every machine."""

    def __init__(self, store: Store) -> None:
        self.spent = 0
        store._connection.set_progress_handler(self._count, INSTRUCTIONS)

    def _count(self) -> int:
        self.spent += INSTRUCTIONS
        return 0


def queue(running: Engine, count: int) -> list[str]:
    """Start executions, in one transaction so that none ends before all are there. Returns their ids."""
    services = running.executor.services
    flow_ = services.flows.latest(*running.save(SOURCE))
    made = [launch(services, flow_, Launch()) for _ in range(count)]
    for number, execution in enumerate(made):
        execution.history[0] = (execution.history[0][0], number + 1)

    def write(connection: object) -> None:
        for execution in made:
            store_new(connection, execution, flow_.definition)  # type: ignore[arg-type]

    running.store.write(write).result()
    return [execution.id for execution in made]


def drain(running: Engine, ids: list[str]) -> None:
    """Let them run to the end of the last."""
    for id_ in ids:
        running.executor.ready(id_)
    running.wait(ids[-1])


def test_a_queue_is_emptied_in_order_one_at_a_time(tmp_path: Path) -> None:
    with engine(tmp_path / "data") as running:
        ids = queue(running, 200)
        drain(running, ids)
        found = [running.read(id_) for id_ in ids]
    spans = [(next(at for state, at in one.history if state == "RUNNING"), one.history[-1][1]) for one in found]
    assert all(one.state == "SUCCESS" for one in found)
    assert all(ended <= began for (_, ended), (began, _) in itertools.pairwise(spans))


def test_each_execution_of_a_long_queue_costs_the_same(tmp_path: Path) -> None:
    with engine(tmp_path / "data") as running:
        cost = Cost(running.store)
        drain(running, queue(running, 250))
        first = cost.spent
        drain(running, queue(running, 250))
        cost.spent = 0
        drain(running, queue(running, 250))
        assert cost.spent < 1.3 * first
        cost.spent = 0
        drain(running, queue(running, 1000))
        assert cost.spent < 1.3 * 4 * first


def test_others_run_while_a_queue_is_long(tmp_path: Path) -> None:
    with engine(tmp_path / "data") as running:
        ids = queue(running, 1000)
        draining = threading.Thread(target=drain, args=(running, ids))
        draining.start()
        other = running.run(SOURCE.replace("id: f", "id: other"))
        assert other.state == "SUCCESS"
        assert not running.read(ids[-1]).terminal
        draining.join()
