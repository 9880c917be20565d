"""A disk that is full for a while: requests are refused, and what runs goes on when there is room again."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from flowctl.engine.store import Store, StoreError, StoreFull
from tests.engine.running import Engine, engine, flow, output

T = TypeVar("T")
PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"


class Refusals:
    """Counts writes that found the disk full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._changed, self._count = threading.Condition(), 0
        write = Store.write

        def counted(store: Store, change: Callable[..., T]) -> Future[T]:
            future = write(store, change)
            future.add_done_callback(self._seen)
            return future

        monkeypatch.setattr(Store, "write", counted)

    def _seen(self, future: Future[T]) -> None:
        if not future.cancelled() and isinstance(future.exception(), StoreFull):
            with self._changed:
                self._count += 1
                self._changed.notify_all()

    def wait_for(self, number: int) -> None:
        """Wait for so many more refusals."""
        with self._changed:
            wanted = self._count + number
            assert self._changed.wait_for(lambda: self._count >= wanted, 20)


@contextmanager
def full(store: Store) -> Iterator[None]:
    """No page can be added meanwhile, and none that is there has room."""
    (pages,) = store.write(lambda c: c.execute("PRAGMA page_count").fetchone()).result()
    store.write(lambda c: c.execute(f"PRAGMA max_page_count={pages}").fetchone()).result()
    for table in ("logs", "execution_events", "task_runs"):
        _fill(store, table)
    yield
    _make_room(store)


def _make_room(store: Store) -> None:
    """Again until it is taken: on a full disk SQLite gives up a whole transaction, and this may share one."""
    roomy = False
    while not roomy:
        with contextlib.suppress(StoreError):
            store.write(lambda c: c.execute("PRAGMA max_page_count=1000000").fetchone()).result()
            roomy = True


def _fill(store: Store, table: str) -> None:
    """Add rows to a table until not even the smallest fits."""
    values = {
        "logs": "INSERT INTO logs VALUES (NULL, 'x', 'x', 'x', NULL, NULL, NULL, 1, 1, 1, 'x', zeroblob(?))",
        "execution_events": "INSERT INTO execution_events (execution_id, body) VALUES ('x', zeroblob(?))",
        "task_runs": "INSERT INTO task_runs VALUES ('zzz', abs(random()), 'x', zeroblob(?), NULL, NULL, NULL)",
    }
    for size in (2000, 200, 1):
        with contextlib.suppress(StoreError):
            while True:
                store.write(partial(_insert, values[table], size)).result()


def _insert(statement: str, size: int, connection: sqlite3.Connection) -> None:
    connection.execute(statement, (size,))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Engine]:
    with engine(tmp_path / "data") as found:
        yield found


def waiting(fifo: Path, last: str) -> str:
    return flow(
        f"  - {{id: a, type: io.kestra.plugin.scripts.shell.Commands, {PROCESS}, "
        f"commands: ['echo begun; cat {fifo}; {last}']}}\n"
        "  - {id: b, type: io.kestra.plugin.core.debug.Return, format: '{{ outputs.a.vars.x }}'}\n"
    )


def test_a_task_that_ends_while_the_disk_is_full_is_not_forgotten(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifo, runs = tmp_path / "fifo", tmp_path / "runs"
    os.mkfifo(fifo)
    said = '{"outputs":{"x":"kept"},"metrics":[{"name":"m","type":"counter","value":1}]}'
    last = f"echo x >> {runs}; echo ::'{said}'::; echo ended".replace("'", "''")
    id_ = running.start(*running.save(waiting(fifo, last)))
    running.wait(id_, lambda execution: any("begun" in line for line in running.messages(id_)))
    refusals = Refusals(monkeypatch)
    with full(running.store):
        fifo.write_text("go\n")
        refusals.wait_for(3)
        assert running.read(id_).state == "RUNNING"
    found = running.wait(id_)
    assert found.state == "SUCCESS"
    assert output(found, "b")["value"] == "kept"
    assert "INFO a: ended" in running.messages(id_)
    assert running.store.read(lambda c: c.execute("SELECT name, value FROM metrics").fetchall()) == [("m", 1.0)]
    assert runs.read_text() == "x\n"


def test_a_start_is_refused_and_works_again_later(running: Engine) -> None:
    key = running.save(flow("  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"))
    with full(running.store), pytest.raises(StoreFull):
        for _ in range(50):
            running.start(*key)
    assert running.wait(running.start(*key)).state == "SUCCESS"
