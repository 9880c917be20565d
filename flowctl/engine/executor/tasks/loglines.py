"""Log lines of running tasks: on disk within a tenth of a second, many lines to a transaction."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from flowctl.engine.executor.tasks.joblines import JobLines
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.store import Store, StoreError
from flowctl.engine.store.tables import logs
from flowctl.engine.store.tables.logs import LogLine

LOG = logging.getLogger("flowctl.executor")
GATHER_SECONDS = 0.03
"""At least so long after one write comes the next."""
FIRST_SECONDS = 0.01
"""How long a line waits in any case: most short tasks end within it, and their lines are written with their result."""
RETRY_SECONDS = 1.0
"""How long to wait before lines are written again when the store could not take them."""


class LogWriter:
    """Gathers lines of all jobs for a moment, then writes them together. `wrote` is told the executions' ids."""

    def __init__(self, store: Store, clock: Callable[[], int], wrote: Callable[[set[str]], None]) -> None:
        self._store, self.clock, self._wrote = store, clock, wrote
        self._jobs: set[JobLines] = set()
        self._wake = threading.Condition()
        self._closed = self._hurried = False
        self._thread = threading.Thread(target=self._loop, name="flowctl-logs", daemon=True)
        self._thread.start()

    def for_job(self, job: Job, mask: Callable[[str], str]) -> JobLines:
        """A sink for one job."""
        return JobLines(self, job, mask)

    def pending(self, lines: JobLines) -> None:
        """There is something to write."""
        with self._wake:
            self._jobs.add(lines)
            self._wake.notify()

    def hurry(self) -> None:
        """The server stops: from now on lines that the store cannot take are dropped."""
        with self._wake:
            self._hurried = True
            self._wake.notify_all()

    def close(self) -> None:
        """Write what is there, then stop."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _loop(self) -> None:
        """The first line after a quiet moment is written soon; what follows it closely is gathered."""
        written = -GATHER_SECONDS
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._jobs or self._closed)
                if self._closed and not self._jobs:
                    return
                pause = max(FIRST_SECONDS, written + GATHER_SECONDS - time.monotonic())
                self._wake.wait_for(lambda: self._closed, pause)
                jobs, self._jobs = self._jobs, set()
            self._insist([line for job in jobs for line in job.take()])
            written = time.monotonic()

    def _insist(self, lines: list[LogLine]) -> None:
        """Write lines, later when the store cannot take them now; jobs that print more than fits have to wait."""
        while isinstance(problem := self.write(lines), StoreError):
            LOG.error("%d lines are written later: %s", len(lines), problem)
            with self._wake:
                if self._wake.wait_for(lambda: self._hurried, RETRY_SECONDS):
                    return

    def write(self, lines: list[LogLine]) -> BaseException | None:
        """Write lines and tell who follows. Returns what went wrong."""
        if not lines:
            return None
        future = self._store.write(lambda connection: logs.add(connection, lines))
        future.add_done_callback(lambda _: self._wrote({line.execution_id for line in lines if line.execution_id}))
        return future.exception()
