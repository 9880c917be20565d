"""Run by the crash tests as a process of its own: starts executions and says which were acknowledged.

    python crash_child.py DIRECTORY FLOW COUNT

The store kills the process at the commit that FLOWCTL_FAULT names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Event

from flowctl.engine.executor.assembling import assemble
from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.lifecycle.launching import Launch, launch, store_new
from flowctl.engine.store import Store
from flowctl.engine.store.tables import executions, flows
from flowctl.engine.store.tables.flow_rows import NewFlow


def main(directory: Path, source: str, count: int) -> None:
    """Start executions of the flow, one after the other, each waited for."""
    store = Store.open(directory, environ=os.environ)
    executor = assemble(store, directory, environ={})
    executor.start()
    store.write(lambda c: flows.save(c, NewFlow("test.engine", "f", source, "d", b"{}"), store.now_ms)).result()
    for number in range(count):
        flow = executor.services.flows.latest("test.engine", "f")
        execution = launch(executor.services, flow, Launch(inputs={"number": str(number)}))
        store.write(lambda c, e=execution, f=flow: store_new(c, e, f.definition)).result()
        print(execution.id, flush=True)
        _run_to_its_end(store, executor, execution.id)
    executor.close()
    store.close()


def _run_to_its_end(store: Store, executor: Executor, id_: str) -> None:
    changed = Event()
    executor.hub.listen(id_, lambda _: changed.set())
    executor.ready(id_)
    while not store.read(lambda connection: executions.head(connection, id_)).terminal:  # type: ignore[union-attr]
        changed.wait()
        changed.clear()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text(), int(sys.argv[3]))
