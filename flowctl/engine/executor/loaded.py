"""Executions in memory, each with its compiled flow: those that were used last."""

from __future__ import annotations

import threading
from collections import OrderedDict

from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import secret_values, veil
from flowctl.engine.executor.services import Services
from flowctl.engine.secrets.keyring import no_key
from flowctl.engine.store.tables import executions
from flowctl.engine.store.tables.execution_rows import as_stored

CACHED = 3000
FRESH = 10_000


class Loaded:
    """`find` is for the thread whose turn it is: what it returns is changed in place."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._fresh: dict[str, Execution] = {}
        self._known: OrderedDict[str, Live] = OrderedDict()

    def add(self, execution: Execution) -> None:
        """A new execution whose record is on disk: it need not be read for its first turn, unless there are many."""
        if not execution.runs and len(self._fresh) < FRESH:
            self._fresh[execution.id] = as_stored(execution)

    def find(self, execution_id: str) -> Live | None:
        """An execution from memory or the store; None when there is none.

        Raises:
            UnknownFlow: its flow revision is gone.
        """
        with self._lock:
            execution = self._fresh.pop(execution_id, None)
            found = self._known.get(execution_id)
            if found is not None:
                self._known.move_to_end(execution_id)
                return found
        if execution is None:
            execution = self._services.store.read(lambda connection: executions.read(connection, execution_id))
        if execution is None:
            return None
        live = self.live_of(execution)
        with self._lock:
            self._known[execution_id] = live
            while len(self._known) > CACHED:
                self._known.popitem(last=False)
        return live

    def live_of(self, execution: Execution) -> Live:
        """An execution with its compiled flow.

        Raises:
            UnknownFlow: its flow revision is gone.
            ServerError: `S311`, the key that seals it is not there.
        """
        if execution.lost is not None:
            raise no_key(execution.lost)
        flow = self._services.flows.revision(execution.namespace, execution.flow_id, execution.revision)
        parent = None
        if execution.loop_run is not None and execution.parent_id is not None:
            parent = self.find(execution.parent_id)
        live = Live(execution, flow.definition, parent, constants=self._services.constants)
        for value in secret_values(execution):
            self._services.masker.add(value)
        live.rebuild()
        return live

    def looked_at(self, execution: Execution) -> Live:
        """A record that was read for this alone, for expressions of somebody who may only read: without its secrets,
        which an expression could turn into what nothing hides.

        Raises:
            UnknownFlow: its flow revision is gone.
        """
        flow = self._services.flows.revision(execution.namespace, execution.flow_id, execution.revision)
        if execution.sealed:
            veil(execution, self._services.masker.mask_tree)
        live = Live(execution, flow.definition, self._around(execution), constants=self._services.constants)
        live.rebuild()
        return live

    def _around(self, execution: Execution) -> Live | None:
        id_ = execution.parent_id if execution.loop_run is not None else None
        found = self._services.store.read(lambda connection: executions.read(connection, id_)) if id_ else None
        return self.looked_at(found) if found is not None else None

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of an execution, so that it is read anew."""
        with self._lock:
            self._known.pop(execution_id, None)
            self._fresh.pop(execution_id, None)
