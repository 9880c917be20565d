"""All flow triggers of the newest revisions, kept in memory and renewed as flows change."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping

from flowctl.engine.executor.flowsource import UnknownFlow
from flowctl.engine.executor.services import Services
from flowctl.engine.scheduler.matching import Listener, listener_of
from flowctl.language.flags import is_on

LOG = logging.getLogger("flowctl.scheduler")
TYPE = "io.kestra.plugin.core.trigger.Flow"
_LISTENING = (
    "SELECT f.namespace, f.id FROM flows f JOIN flow_revisions r "
    "ON r.namespace = f.namespace AND r.id = f.id AND r.revision = f.revision "
    "WHERE f.deleted = 0 AND (instr(r.source, 'trigger.Flow') OR instr(r.source, 'triggers.types.Flow'))"
)


class Listeners:
    """Flow triggers by flow."""

    def __init__(self, services: Services) -> None:
        self._services, self._lock = services, threading.Lock()
        self._by_flow: dict[tuple[str, str], tuple[Listener, ...]] = {}

    def load(self) -> None:
        """Read all flows that have one."""
        for namespace, flow_id in self._services.store.read(_listening):
            self.renew(namespace, flow_id)

    def renew(self, namespace: str, flow_id: str) -> None:
        """A flow was saved or deleted."""
        found = self._listeners(namespace, flow_id)
        with self._lock:
            if found:
                self._by_flow[namespace, flow_id] = found
            else:
                self._by_flow.pop((namespace, flow_id), None)

    def _listeners(self, namespace: str, flow_id: str) -> tuple[Listener, ...]:
        try:
            flow = self._services.flows.latest(namespace, flow_id)
        except UnknownFlow:
            return ()
        if flow.disabled:
            return ()
        triggers = flow.definition.section("triggers")
        wanted = [t for t in triggers if t.get("type") == TYPE and not is_on(t.get("disabled"))]
        return tuple(found for trigger in wanted if (found := _listener(namespace, flow_id, trigger)) is not None)

    def wants(self, namespace: str, flow_id: str, state: str) -> bool:
        """Whether any trigger may care; called in the transaction of each change of state, hence quick."""
        with self._lock:
            if not self._by_flow:
                return False
            return any(_may(listener, namespace, flow_id, state) for listener in self._all())

    def matching(self, namespace: str, flow_id: str, state: str) -> list[Listener]:
        """The triggers that may care, never those of the execution's own flow."""
        with self._lock:
            return [listener for listener in self._all() if _may(listener, namespace, flow_id, state)]

    def _all(self) -> Iterable[Listener]:
        return (listener for found in self._by_flow.values() for listener in found)


def _listening(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute(_LISTENING).fetchall()


def _may(listener: Listener, namespace: str, flow_id: str, state: str) -> bool:
    if (listener.namespace, listener.flow_id) == (namespace, flow_id) or state not in listener.states:
        return False
    return any(dependency.may_meet(namespace, flow_id, state) for dependency in listener.dependencies)


def _listener(namespace: str, flow_id: str, trigger: Mapping[str, object]) -> Listener | None:
    try:
        return listener_of(namespace, flow_id, trigger)
    except ValueError as error:
        LOG.warning("trigger %s/%s/%s is not followed: %s", namespace, flow_id, trigger.get("id"), error)
        return None
