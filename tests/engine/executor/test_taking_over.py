"""What an earlier process left, however much it is, does not keep new work waiting."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from flowctl.engine.executor.agenda import OLD
from flowctl.engine.executor.assembling import assemble
from flowctl.engine.executor.launching import Launch, launch, store_new
from flowctl.engine.executor.records import Execution
from flowctl.engine.store import Store
from tests.engine.running import Engine, flow

LOG = flow("  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: hello\n")


def test_new_work_comes_first(tmp_path: Path) -> None:
    store = Store.open(tmp_path, environ={})
    executor = assemble(store, tmp_path, "lenient", environ={})
    engine = Engine(store, executor)
    engine.save(LOG)
    ended: list[str] = []

    def note(connection: sqlite3.Connection, execution: Execution) -> None:
        if execution.terminal:
            ended.append(execution.id)

    executor.moved.append(note)
    old = [_stored(engine) for _ in range(60)]
    new = _stored(engine)
    for id_ in old:
        executor.ready(id_, OLD)
    executor.ready(new)
    try:
        executor.start()
        for id_ in (*old, new):
            engine.wait(id_)
    finally:
        executor.close()
        store.close()
    assert sorted(ended) == sorted([*old, new])
    assert ended.index(new) < 20


def _stored(engine: Engine) -> str:
    services = engine.executor.services
    found = services.flows.latest("test.engine", "f")
    execution = launch(services, found, Launch(system=[("system.from", "api")]))
    engine.store.write(lambda connection: store_new(connection, execution, found.definition)).result()
    return execution.id
