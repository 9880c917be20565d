"""`onMiss` of Flow triggers: a window that closes unsatisfied gives an execution
that FAILED.

Of several windows that closed while no server was there, or as the clock leapt, the first one counts: the others had no
chance.
"""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime, timedelta

from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.records.flowsource import UnknownFlow
from flowctl.engine.executor.records.times import iso_time, micros_of, moment_of
from flowctl.engine.scheduler import events, windowrows
from flowctl.engine.scheduler.firing import Firing, Started, failure, labels_of
from flowctl.engine.scheduler.listeners import Listeners
from flowctl.engine.scheduler.matching import Listener
from flowctl.engine.scheduler.windowrows import WindowRow

LOG = logging.getLogger("flowctl.scheduler")
BEFORE = timedelta(microseconds=1)


class Misses:
    """Watches the windows of the triggers that `listeners` knows."""

    def __init__(self, executor: Executor, listeners: Listeners) -> None:
        self._executor, self._services, self._listeners = executor, executor.services, listeners

    def watch(self, now: datetime) -> None:
        """Bring the rows to the triggers of now: after a start, and when flows were changed."""
        wanted = {listener.key: listener for listener in self._listeners.watched}
        held = {row.key: row for row in self._services.store.read(windowrows.every)}
        gone = [key for key in held if key not in wanted]
        new = {key: listener for key, listener in wanted.items() if key not in held or held[key].of != listener.digest}
        if not gone and not new:
            return

        def write(connection: sqlite3.Connection) -> None:
            for key in gone:
                windowrows.drop(connection, key)
            for key, listener in new.items():
                windowrows.put(connection, key, listener.digest, _closes(listener, now))

        self._services.store.write(write).result()

    def earliest(self) -> int | None:
        """When the next window closes, in milliseconds; by then it has closed."""
        rows = self._services.store.read(windowrows.every)
        return rows[0].closes // 1000 + 1 if rows else None

    def work(self, now: datetime) -> bool:
        """Deal with the windows that have closed. Whether there was any."""
        at = micros_of(now)
        due = [row for row in self._services.store.read(windowrows.every) if row.closes < at]
        return any(self._close(row, now) for row in due)

    def _close(self, row: WindowRow, now: datetime) -> bool:
        listener = next((one for one in self._listeners.watched if one.key == row.key), None)
        if listener is None or listener.digest != row.of:
            return False  # the flow was changed at this moment: `watch` comes to it
        started = None if self._satisfied(listener, row) else self._missed(listener, row)

        def write(connection: sqlite3.Connection) -> bool:
            moved = windowrows.moved_on(connection, row, _closes(listener, now))
            if moved and started is not None:
                started.store(connection)
            return moved

        moved = self._services.store.write(write).result()
        if moved and started is not None:
            self._executor.hub.changed((started.execution.id,), ended=True)
        return moved

    def _satisfied(self, listener: Listener, row: WindowRow) -> bool:
        assert listener.window is not None
        return row.met is not None and listener.window.holds(moment_of(row.met), moment_of(row.closes) - BEFORE)

    def _missed(self, listener: Listener, row: WindowRow) -> Started | None:
        """None when the flow is gone: nobody waits any more."""
        try:
            flow = self._services.flows.latest(listener.namespace, listener.flow_id)
        except UnknownFlow:
            return None
        window, closed = listener.window, moment_of(row.closes) - BEFORE
        found = self._services.store.read(lambda connection: events.met(connection, listener.key, listener.digest))
        count = sum(window is None or window.holds(moment_of(at), closed) for at, _ in found.values())
        problem = (
            f"The window of trigger {listener.trigger_id} closed at {iso_time(row.closes)}, and {count} of the "
            f"{listener.needed} dependencies that it needs were met"
        )
        firing = Firing(flow, listener.trigger, {})
        rule = listener.trigger.get("onMiss")
        labels = labels_of(self._services, firing, rule.get("labels") if isinstance(rule, dict) else None)
        return failure(self._services, firing, problem, labels)


def _closes(listener: Listener, now: datetime) -> int:
    """When the window that is open now, or opens next, closes."""
    assert listener.window is not None
    closes = listener.window.closes(now)
    assert closes is not None
    return micros_of(closes)
