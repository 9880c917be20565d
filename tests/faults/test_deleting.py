"""Deleting an execution that runs: its processes end, whoever waited for its end goes on, and no row stays."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.api.executions import deletion
from flowctl.engine.api.runtime import PART
from flowctl.engine.store.tables import executions
from tests.engine.api.server import YAML
from tests.engine.running import Engine, engine, flow, output
from tests.faults.whole import Whole

PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
SHELL = f"io.kestra.plugin.scripts.shell.Commands, {PROCESS}"
TABLES = ("executions", "task_runs", "steps", "execution_events", "execution_labels", "loop_items", "logs", "metrics")


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    found = Whole(tmp_path / "data")
    yield found
    found.close()


def holding(fifo: Path) -> str:
    """A task that holds a pipe open until it ends."""
    return f"  - {{id: a, type: {SHELL}, commands: ['exec 3>{fifo}; echo up >&3; sleep 600']}}\n"


def save(whole: Whole, id_: str, tasks: str, extra: str = "") -> str:
    text = f"id: {id_}\nnamespace: whole\n{extra}tasks:\n{tasks}"
    whole.server.post("/flows", content=text, headers=YAML).raise_for_status()
    return f"/executions/whole/{id_}"


def start(whole: Whole, path: str) -> str:
    return str(whole.server.post(path).raise_for_status().json()["id"])


def rows(whole: Whole) -> dict[str, int]:
    """What the tables hold, but for the log of triggers and counters of nothing."""

    def count(connection: sqlite3.Connection) -> dict[str, int]:
        found = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}
        counted = connection.execute("SELECT coalesce(sum(abs(number)), 0) FROM execution_counts").fetchone()
        return {**found, "counted": counted[0]}

    return whole.server.store.read(count)


@pytest.mark.parametrize(
    "delete", ["/executions/{id}", "/executions/by-query?namespace=whole&includeNonTerminated=true"]
)
def test_its_processes_end_and_nothing_of_it_stays(whole: Whole, tmp_path: Path, delete: str) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    id_ = start(whole, save(whole, "holds", holding(fifo)))
    with fifo.open() as reading:
        assert reading.readline() == "up\n"
        assert whole.server.delete(delete.format(id=id_)).is_success
        assert reading.read() == ""  # ends when the process has ended
    assert whole.server.get(f"/executions/{id_}").status_code == 404
    assert set(rows(whole).values()) == {0}, rows(whole)


def test_whoever_is_queued_behind_it_goes_on(whole: Whole, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    path = save(whole, "holds", holding(fifo), "concurrency: {limit: 1, behavior: QUEUE}\n")
    first = start(whole, path)
    with fifo.open() as reading:
        assert reading.readline() == "up\n"
        second = start(whole, path)
        assert whole.server.get(f"/executions/{second}").json()["state"]["current"] == "QUEUED"
        assert whole.server.delete(f"/executions/{first}").status_code == 204
    with fifo.open() as reading:
        assert reading.readline() == "up\n"  # the second runs
    assert whole.server.delete(f"/executions/{second}").status_code == 204


def test_a_task_of_after_execution_ends_with_its_execution(whole: Whole, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    done = "  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n"
    id_ = start(whole, save(whole, "after", done, "afterExecution:\n" + holding(fifo)))
    with fifo.open() as reading:
        assert reading.readline() == "up\n"
        assert whole.server.get(f"/executions/{id_}").json()["state"]["current"] == "SUCCESS"
        assert whole.server.delete(f"/executions/{id_}").status_code == 204
        assert reading.read() == ""  # ends when the process has ended
    assert set(rows(whole).values()) == {0}, rows(whole)


def test_whoever_waits_for_one_that_does_not_end_in_time_goes_on(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(*_: object) -> None:
        """A kill that has no effect."""

    monkeypatch.setattr(deletion, "_kill", deaf)
    monkeypatch.setattr(deletion, "LONGEST_SECONDS", 0.05)
    save(whole, "child", "  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n")
    call = "{id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: whole, flowId: child}"
    after = "{id: r, type: io.kestra.plugin.core.debug.Return, format: x}"
    id_ = start(whole, save(whole, "caller", f"  - {call}\n  - {after}\n"))
    running = Engine(whole.server.store, whole.server.app.state.context.parts[PART])
    caller = running.wait(id_, lambda found: any(run.outputs for run in found.runs.values()))
    child = output(caller, "c")["executionId"]
    assert whole.server.delete(f"/executions/{child}").status_code == 204
    assert whole.ended(id_)["state"]["current"] == "KILLED"


def test_a_loop_goes_with_its_iterations(whole: Whole) -> None:
    loop = (
        "  - id: loop\n    type: io.kestra.plugin.core.flow.Loop\n    values: [a, b, c]\n    tasks:\n"
        "      - {id: i, type: io.kestra.plugin.core.debug.Return, format: x}\n"
    )
    id_ = start(whole, save(whole, "loops", loop))
    assert whole.ended(id_)["state"]["current"] == "SUCCESS"
    assert rows(whole)["executions"] == 4
    assert whole.server.delete(f"/executions/{id_}").status_code == 204
    assert set(rows(whole).values()) == {0}, rows(whole)


def test_counters_follow_the_row_and_not_what_was_read_of_it_before(tmp_path: Path) -> None:
    with engine(tmp_path / "data") as running:
        id_ = running.start(*running.save(flow("  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n")))
        old = running.wait_state(id_, "PAUSED")
        old.history.append(("RUNNING", 5))
        running.store.write(lambda connection: executions.delete(connection, old)).result()
        running.store.write(lambda connection: executions.delete(connection, old)).result()
        numbers = running.store.read(lambda c: c.execute("SELECT state, number FROM execution_counts").fetchall())
    assert dict(numbers).get("PAUSED") == 0
    assert all(number == 0 for _, number in numbers)


def test_deleting_while_it_ends_by_itself_is_no_error(whole: Whole) -> None:
    path = save(whole, "quick", f"  - {{id: a, type: {SHELL}, commands: ['true']}}\n")
    ids = [start(whole, path) for _ in range(10)]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda id_=id_: statuses.append(whole.server.delete(f"/executions/{id_}").status_code))
        for id_ in ids
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [204] * 10
    assert set(rows(whole).values()) == {0}, rows(whole)
