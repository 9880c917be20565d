"""The scheduler: one thread that sleeps until the next date or until something happens, and then does what is due."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.times import moment_of
from flowctl.engine.scheduler import rows
from flowctl.engine.scheduler.alarm import Alarm
from flowctl.engine.scheduler.flowtriggers import FlowTriggers
from flowctl.engine.scheduler.leaps import Leaps
from flowctl.engine.scheduler.listeners import Listeners
from flowctl.engine.scheduler.misses import Misses
from flowctl.engine.scheduler.polling import Polling
from flowctl.engine.scheduler.schedules import Schedules

LOG = logging.getLogger("flowctl.scheduler")
RETRY = timedelta(seconds=1)


class Scheduler:
    """Starts executions by schedules, flow triggers and polling. `attach` comes before the executor starts, so that no
    execution ends unheard; `start` after."""

    def __init__(self, executor: Executor) -> None:
        self._executor, self._store = executor, executor.services.store
        self.alarm = Alarm(lambda: executor.services.clock() // 1000)
        self.listeners = Listeners(executor.services)
        self._flow_triggers = FlowTriggers(executor, self.listeners)
        self._misses = Misses(executor, self.listeners)
        self._schedules = Schedules(executor, self._now())
        self._leaps = Leaps(self._now(), time.monotonic())
        self._polling = Polling(executor, self.alarm.ring)
        self._changed: set[tuple[str, str]] = set()
        self._lock, self._closed = threading.Lock(), False
        self._thread = threading.Thread(target=self._loop, name="flowctl-scheduler", daemon=True)

    def attach(self) -> None:
        """Listen to the executor, and take up what an earlier process left."""
        self.listeners.load()
        self._executor.moved.append(self._moved)
        for execution_id in self._store.write(rows.release_ended).result():
            LOG.warning("a trigger waited for the execution %s, which is over; it goes on", execution_id)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what is due is done by the next process."""
        self._closed = True
        self.alarm.ring()
        if self._thread.is_alive():
            self._thread.join()
        self._polling.close()

    def flow_changed(self, namespace: str, flow_id: str) -> None:
        """A flow, or the state of one of its triggers, was changed; the change is on disk."""
        with self._lock:
            self._changed.add((namespace, flow_id))
        self.alarm.ring()

    def _moved(self, connection: sqlite3.Connection, execution: Execution, states: Sequence[str]) -> None:
        """In the transaction of a turn that brought an execution into these states, one after the other."""
        released = execution.terminal and execution.trigger is not None and rows.ended(connection, execution)
        heard = [self._flow_triggers.remember(connection, execution, state) for state in states]
        if any(heard) or released:
            self.alarm.ring()

    def _now(self) -> datetime:
        return moment_of(self._executor.services.clock()).astimezone(UTC)

    def _loop(self) -> None:
        until: int | None = 0
        while not self._closed:
            self.alarm.wait(until)
            if self._closed:
                return
            try:
                until = self._round()
            except Exception:  # whatever it is, no schedule fires while this loop stands still
                LOG.exception("the scheduler tries again in a second")
                until = int((self._now() + RETRY).timestamp() * 1000)

    def _round(self) -> int | None:
        """Do what is due; returns when the next date comes. Whoever rang may have done so inside a transaction, so
        that one is waited for first."""
        self._store.write(lambda _: None).result()
        self._take_changes()
        self._notice_leap()
        busy = True
        while busy and not self._closed:
            busy = self._flow_triggers.work()
            busy = self._schedules.work(self._now()) or busy
            busy = self._polling.work(self._now()) or busy
            busy = self._misses.work(self._now()) or busy
        return min((at for at in (self._schedules.earliest(), self._misses.earliest()) if at is not None), default=None)

    def _notice_leap(self) -> None:
        """`recoverMissedSchedules` decides about dates that passed while the clock was set forward."""
        now = self._now()
        leap = self._leaps.forward(now, time.monotonic())
        if leap is not None:
            LOG.warning("the clock leapt forward by %s; schedules that were due meanwhile count as missed", leap)
            self._schedules.awake_since = now

    def _take_changes(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
        self.listeners.renew(changed)
        self._misses.watch(self._now())
        self._schedules.date_new()
