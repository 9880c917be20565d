"""Run by the crash tests as a process of its own: starts executions and says which were acknowledged.

    python crash_child.py DIRECTORY FLOW COUNT

The store kills the process at the commit that FLOWCTL_FAULT names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flowctl.engine.executor.assembling import assemble
from flowctl.engine.executor.lifecycle.launching import Launch, launch, store_new
from flowctl.engine.store import Store, executions, flows
from flowctl.engine.store.flow_rows import NewFlow


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
        executor.ready(execution.id)
    from threading import Event

    for line in store.read(lambda c: c.execute("SELECT id FROM executions").fetchall()):
        done = Event()
        executor.hub.listen(line[0], lambda _, d=done: d.set())
        while not store.read(lambda c, i=line[0]: executions.head(c, i)).terminal:  # type: ignore[union-attr]
            done.wait(5)
            done.clear()
    executor.close()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text(), int(sys.argv[3]))
