"""All flow triggers of the newest revisions, kept in memory and renewed as flows change."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping

from flowctl.engine.executor.records.flowsource import UnknownFlow
from flowctl.engine.executor.services import Services
from flowctl.engine.scheduler.matching import Listener, listener_of
from flowctl.language.flags import is_on

LOG = logging.getLogger("flowctl.scheduler")
Flow = tuple[str, str]
TYPE = "io.kestra.plugin.core.trigger.Flow"
_LISTENING = (
    "SELECT f.namespace, f.id FROM flows f JOIN flow_revisions r "
    "ON r.namespace = f.namespace AND r.id = f.id AND r.revision = f.revision "
    "WHERE f.deleted = 0 AND (instr(r.source, 'trigger.Flow') OR instr(r.source, 'triggers.types.Flow'))"
)


class Listeners:
    """Flow triggers by flow, and by the flows that they wait for."""

    def __init__(self, services: Services) -> None:
        self._services, self._lock = services, threading.Lock()
        self._by_flow: dict[Flow, tuple[Listener, ...]] = {}
        self._waiting: dict[Flow | None, list[Listener]] = {}
        self.open: frozenset[tuple[str, str, str]] = frozenset()
        """The triggers without conditions."""
        self.watched: tuple[Listener, ...] = ()
        """The triggers with `onMiss`."""

    def load(self) -> None:
        """Read all flows that have one."""
        self.renew(self._services.store.read(_listening))

    def renew(self, flows: Iterable[Flow]) -> None:
        """Flows were saved or deleted."""
        read = {key: self._listeners(*key) for key in flows}
        with self._lock:
            changed = {key: found for key, found in read.items() if found or key in self._by_flow}
            if changed:
                self._by_flow = {key: found for key, found in {**self._by_flow, **changed}.items() if found}
                self._arrange()

    def _arrange(self) -> None:
        """Each trigger under the flows that it names; under None when it may wait for any."""
        waiting: dict[Flow | None, list[Listener]] = {}
        everything = [listener for found in self._by_flow.values() for listener in found]
        for listener in everything:
            named = {(one.namespace, one.flow_id) for one in listener.dependencies}
            whole = {(space, id_) for space, id_ in named if space is not None and id_ is not None}
            for key in whole if whole == named else (None,):
                waiting.setdefault(key, []).append(listener)
        self._waiting = waiting
        self.open = frozenset(listener.key for listener in everything if listener.open)
        self.watched = tuple(listener for listener in everything if listener.watched)

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
        return any(_may(listener, namespace, flow_id, state) for listener in self._near(namespace, flow_id))

    def matching(self, namespace: str, flow_id: str, state: str) -> list[Listener]:
        """The triggers that may care, never those of the execution's own flow."""
        return [one for one in self._near(namespace, flow_id) if _may(one, namespace, flow_id, state)]

    def _near(self, namespace: str, flow_id: str) -> list[Listener]:
        waiting = self._waiting  # replaced as a whole, never changed
        return [*waiting.get((namespace, flow_id), ()), *waiting.get(None, ())]


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
