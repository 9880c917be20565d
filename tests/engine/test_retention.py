"""Executions past their time go with all they left; whatever still matters to a running one stays."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flowctl.engine.api.app import create_app
from flowctl.engine.components import components
from flowctl.engine.emptying import empty_left
from flowctl.engine.executor.lifecycle.restarting import restart
from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.executor.tasks.administration import StoreAdministration
from flowctl.engine.plugins.services import Selected
from flowctl.engine.retention import sweep
from flowctl.engine.settings import Settings
from flowctl.engine.store import Store
from flowctl.engine.store.tables import doomed, executions, logs
from flowctl.engine.store.tables.logs import LogLine
from tests.engine.running import Engine, engine, flow, output

DAY = timedelta(days=1)
TABLES = {"executions": "id", "task_runs": "execution_id", "logs": "execution_id", "metrics": "execution_id"}
WRITES = flow(
    "  - {id: w, type: io.kestra.plugin.core.storage.Write, content: x}\n"
    "  - {id: l, type: io.kestra.plugin.core.log.Log, message: hello}\n"
    "  - {id: m, type: io.kestra.plugin.core.metric.Publish, metrics: [{name: n, type: counter, value: 1}]}\n"
    "  - id: loop\n    type: io.kestra.plugin.core.flow.Loop\n    values: [1, 2]\n"
    "    tasks: [{id: r, type: io.kestra.plugin.core.debug.Return, format: '{{ item.value }}'}]\n"
)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Engine]:
    with engine(tmp_path / "data") as found:
        yield found


def swept(running: Engine, keep: timedelta = DAY) -> int:
    return sweep(running.executor, keep, threading.Event())


def age(running: Engine, *ids: str, by: timedelta = 2 * DAY) -> None:
    """Let executions look as if all of them had happened so long ago."""
    micros = by // timedelta(microseconds=1)
    running.store.write(
        lambda c: c.executemany(
            "UPDATE executions SET created_us = created_us - ?, ended_us = ended_us - ? WHERE id = ?",
            [(micros, micros, id_) for id_ in ids],
        )
    ).result()


def rows(running: Engine, id_: str) -> dict[str, int]:
    def count(connection: sqlite3.Connection) -> dict[str, int]:
        queries = {name: f"SELECT count(*) FROM {name} WHERE {key} = ?" for name, key in TABLES.items()}
        return {name: connection.execute(query, (id_,)).fetchone()[0] for name, query in queries.items()}

    return running.store.read(count)


def files(running: Engine) -> list[Path]:
    return [path for path in running.executor.services.storage.root.rglob("*") if path.is_file()]


def test_what_ended_long_ago_goes_with_all_it_left(running: Engine) -> None:
    old = running.run(WRITES)
    assert old.state == "SUCCESS"
    assert all(rows(running, old.id).values())
    assert files(running)
    young = running.run(flow("  - {id: l, type: io.kestra.plugin.core.log.Log, message: young}\n", id_="young"))
    age(running, old.id)
    assert swept(running) == 1
    assert running.read(young.id).state == "SUCCESS"
    assert not any(rows(running, old.id).values())
    assert running.messages(young.id) == ["INFO l: young"]
    assert not files(running)
    assert running.store.read(lambda c: c.execute("SELECT sum(number) FROM execution_counts").fetchone()) == (1,)


def test_old_lines_of_triggers_go(running: Engine) -> None:
    now = running.executor.services.clock()
    ages = [("old", now - 2 * DAY // timedelta(microseconds=1)), ("new", now)]
    lines = [LogLine(None, "n", "f", None, None, None, at, "WARN", text, trigger_id="t") for text, at in ages]
    running.store.write(lambda connection: logs.add(connection, lines)).result()
    swept(running)
    left = running.store.read(lambda connection: connection.execute("SELECT message FROM logs").fetchall())
    assert left == [("new",)]


def test_more_than_one_transaction_is_swept(running: Engine) -> None:
    key = running.save(flow("  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n"))
    ids = [running.start(*key) for _ in range(60)]
    for id_ in ids:
        running.wait(id_)
    age(running, *ids[:-1])
    assert swept(running) == 59
    assert running.read(ids[-1]).state == "SUCCESS"


def test_a_sweep_that_is_stopped_ends(running: Engine) -> None:
    id_ = running.run(flow("  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n")).id
    age(running, id_)
    stopped = threading.Event()
    stopped.set()
    assert sweep(running.executor, DAY, stopped) == 0
    assert running.read(id_).state == "SUCCESS"


def test_what_runs_and_what_it_has_started_stays(running: Engine, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    running.save(flow("  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n", id_="child"))
    parent = running.start(
        *running.save(
            flow(
                "  - {id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: test.engine, flowId: child}\n"
                "  - {id: a, type: io.kestra.plugin.scripts.shell.Commands, "
                "taskRunner: {type: io.kestra.plugin.core.runner.Process}, "
                f"commands: ['cat {fifo}']}}\n",
                id_="parent",
            )
        )
    )
    running.wait(parent, lambda found: any(r.task_id == "a" and r.state == "RUNNING" for r in found.runs.values()))
    (child,) = running.store.read(
        lambda c: c.execute("SELECT id FROM executions WHERE parent_id = ?", (parent,)).fetchone()
    )
    age(running, parent, child)
    assert swept(running) == 0
    fifo.write_text("go\n")
    assert running.wait(parent).state == "SUCCESS"
    assert swept(running) == 1, "the child ended long ago; its parent ended now"
    assert running.read(parent).state == "SUCCESS"


class Killed(BaseException):
    pass


def die(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize(("owner", "name"), [(executions, "delete"), (Storage, "purge")], ids=["rows", "files"])
def test_a_kill_in_between_leaves_nothing_behind(
    running: Engine, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    old = running.run(WRITES)
    age(running, old.id)
    with monkeypatch.context() as killed:
        killed.setattr(owner, name, die)
        with pytest.raises(Killed):
            swept(running)
    assert files(running)
    swept(running)
    empty_left(running.store, running.executor.services.storage)
    assert not any(rows(running, old.id).values())
    assert not files(running)
    assert running.store.read(lambda c: doomed.some(c, 9)) == []


def restart_between(running: Engine, monkeypatch: pytest.MonkeyPatch, id_: str) -> None:
    """Have an execution restarted after a sweep or a purge has found it, before it writes."""
    write, restarted = running.store.write, []

    def late(change: object) -> object:
        if not restarted:
            restarted.append(id_)
            running.command(id_, restart)
            running.wait_state(id_, "RUNNING")
        return write(change)  # type: ignore[arg-type]

    monkeypatch.setattr(running.store, "write", late)


def waiting(fifo: Path) -> str:
    os.mkfifo(fifo)
    return flow(
        "  - {id: w, type: io.kestra.plugin.core.storage.Write, content: x}\n"
        "  - {id: bad, type: io.kestra.plugin.scripts.shell.Commands, "
        "taskRunner: {type: io.kestra.plugin.core.runner.Process}, "
        f'commands: [\'{{{{ taskrun.attemptsCount == 0 ? "exit 1" : "cat {fifo}" }}}}\']}}\n'
        "  - {id: r, type: io.kestra.plugin.core.debug.Return, format: '{{ read(outputs.w.uri) }}'}\n"
    )


def test_an_execution_that_is_restarted_as_a_sweep_has_found_it_keeps_its_files(
    running: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = running.run(waiting(tmp_path / "fifo"))
    assert old.state == "FAILED"
    age(running, old.id)
    with monkeypatch.context() as patched:
        restart_between(running, patched, old.id)
        assert swept(running) == 0
    (tmp_path / "fifo").write_text("go\n")
    ended = running.wait(old.id)
    assert (ended.state, output(ended, "r")) == ("SUCCESS", {"value": "x"})


@pytest.mark.parametrize("whole", [True, False], ids=["rows", "files"])
def test_an_execution_that_is_restarted_as_a_purge_has_found_it_stays(
    running: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, whole: bool
) -> None:
    old = running.run(waiting(tmp_path / "fifo"))
    administration = StoreAdministration(running.executor.services)
    selected = Selected(namespace="test.engine", flow_id="f", states=())
    with monkeypatch.context() as patched:
        restart_between(running, patched, old.id)
        counts = administration.purge(selected, rows=whole, log=True, metrics=True, files=True)
    assert counts == {"executions": 0, "logs": 0, "metrics": 0, "files": 0}
    (tmp_path / "fifo").write_text("go\n")
    ended = running.wait(old.id)
    assert (ended.state, output(ended, "r")) == ("SUCCESS", {"value": "x"})
    counts = administration.purge(selected, rows=whole, log=True, metrics=True, files=True)
    assert (counts["executions"], counts["files"]) == (int(whole), 1)
    assert not files(running)


def test_files_of_iterations_go_with_their_execution(running: Engine) -> None:
    write = "{id: w, type: io.kestra.plugin.core.storage.Write, content: '{{ item.value }}'}"
    old = running.run(flow(f"  - {{id: l, type: io.kestra.plugin.core.flow.Loop, values: [1, 2], tasks: [{write}]}}\n"))
    assert len(files(running)) == 2
    age(running, old.id)
    assert swept(running) == 1
    assert not files(running)


def test_the_server_sweeps_when_it_starts(tmp_path: Path) -> None:
    with engine(tmp_path) as before:
        old = before.run(flow("  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n"))
        age(before, old.id)
    store = Store.open(tmp_path, environ={})
    context = create_app(store, Settings(tmp_path, retention=DAY)).state.context

    async def live() -> None:
        parts = components(context)
        for part in parts:
            await part.start()
        gone = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop = context.parts["executor"].hub.listen(old.id, lambda _: loop.call_soon_threadsafe(gone.set))
        if store.read(lambda c: executions.head(c, old.id)) is not None:
            async with asyncio.timeout(20):
                await gone.wait()
        stop()
        for part in reversed(parts):
            await part.stop()

    asyncio.run(live())
    assert store.read(lambda c: executions.head(c, old.id)) is None
    store.close()
