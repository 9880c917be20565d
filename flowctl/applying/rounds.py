"""The order of single writes: level by level, in parallel inside a level, nothing whose ground is missing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from queue import Empty, SimpleQueue

from flowctl.applying import refusals
from flowctl.applying.fencing import LEDGER_ONLY
from flowctl.applying.session import Session
from flowctl.applying.writing import Ended, write
from flowctl.errors import ServerError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import ObjectKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Change
from flowctl.model.progress import Progress, Step

HEARTBEAT = 5.0
LOST = "the lock was taken away"
# What every further write would meet as well, each after seconds of trying again: no address, no connection, no trust,
# no way through the proxy, no valid credentials. So many in a row end the apply.
GONE = frozenset({"S111", "S112", "S114", "S116", "S201"})
MOST_GONE = 3
# Changes handed to the pool for each worker: one more than it can work on, so that no worker waits for the main thread.
AHEAD = 2


@dataclass(frozen=True, slots=True)
class _Skipped:
    """A change that a worker did not begin."""

    change: Change
    why: Diagnostic


class Rounds:
    """Runs the writes. `on_end` takes down an end and says whether it went well; `keep_alive` is called in between and
    says whether writing may go on; `allowed` says so too, and is called in worker threads right before each write."""

    def __init__(
        self,
        session: Session,
        live: LiveState,
        on_end: Callable[[Ended], bool],
        keep_alive: Callable[[datetime], bool],
        allowed: Callable[[], bool],
    ) -> None:
        self._session, self._live, self._on_end, self._keep_alive = session, live, on_end, keep_alive
        self._allowed = allowed
        self._missing: set[ObjectKey] = set()
        self._ends: SimpleQueue[Ended | _Skipped | BaseException] = SimpleQueue()
        self._may_write = True
        self._gone: list[Diagnostic] = []

    @property
    def failed(self) -> bool:
        """Whether any write failed."""
        return bool(self._missing)

    def run(self, changes: Sequence[Change], ledger_only: Callable[[Change], None]) -> None:
        """Write every change, or say why it was not attempted. `ledger_only` takes those that need no write."""
        pool = ThreadPoolExecutor(self._session.options.parallelism, thread_name_prefix="apply")
        try:
            for _, level in groupby(changes, key=lambda change: change.level):
                self._level(pool, deque(level), ledger_only)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _level(self, pool: ThreadPoolExecutor, waiting: deque[Change], ledger_only: Callable[[Change], None]) -> None:
        flying = 0
        while waiting or flying:
            while waiting and flying < self._depth():
                change = waiting.popleft()
                if not self._startable(change):
                    continue
                if change.action in LEDGER_ONLY:
                    ledger_only(change)
                    continue
                self._session.say(Progress(Step.START, change=change))
                pool.submit(self._write, change)
                flying += 1
            if flying:
                flying -= self._take()

    def _depth(self) -> int:
        """How many changes may be handed over: no more than workers where the end of one decides about the next."""
        options = self._session.options
        careful = options.parallelism == 1 or options.fail_fast or options.rollback_on_error
        return options.parallelism if careful else options.parallelism * AHEAD

    def _write(self, change: Change) -> None:
        """In a worker thread: write, unless the apply was stopped meanwhile, and hand over how it ended."""
        try:
            why = self.obstacle(change)
            ended = write(self._session, change, self._live, self._allowed) if why is None else None
            self._ends.put(ended or _Skipped(change, why or refusals.stopped(change.key, LOST)))
        except BaseException as error:  # a defect; it is raised where it can be reported
            self._ends.put(error)

    def _take(self) -> int:
        """Wait for an end, or for the time to look after the lock; how many ends there were."""
        try:
            ended = self._ends.get(timeout=HEARTBEAT)
        except Empty:
            ended = None
        if isinstance(ended, BaseException):
            raise ended
        if isinstance(ended, _Skipped):
            self._skip(ended.change, ended.why)
        elif ended is not None:
            self._take_down(ended)
        if not self._keep_alive(self._session.clock()):
            self._may_write = False
        return 0 if ended is None else 1

    def _take_down(self, ended: Ended) -> None:
        if not self._on_end(ended):
            self._missing.add(ended.change.key)
        if ended.error is not None and ended.error.code in GONE:
            self._gone.append(ended.error)
        else:
            self._gone.clear()

    def look_after_lock(self) -> None:
        """Renew the lock while nothing is written, and notice when it is somebody else's."""
        try:
            self._may_write = self._keep_alive(self._session.clock()) and self._allowed()
        except ServerError:
            return

    def _startable(self, change: Change) -> bool:
        """Whether a change may be written now; when not, its end is recorded."""
        why = self.obstacle(change)
        if why is not None:
            self._skip(change, why)
        return why is None

    def _skip(self, change: Change, why: Diagnostic) -> None:
        self._session.skip(change, why)
        self._missing.add(change.key)

    def obstacle(self, change: Change) -> Diagnostic | None:
        """Why a change may not be written at all any more, whatever happens; None when it may."""
        session = self._session
        if session.stop.is_set():
            return refusals.stopped(change.key, "the apply was interrupted")
        if not self._may_write:
            return refusals.stopped(change.key, LOST)
        if len(self._gone) >= MOST_GONE:
            return refusals.stopped(change.key, self._gone[-1].summary)
        options = session.options
        if self._missing and (options.fail_fast or options.rollback_on_error):
            return refusals.stopped(change.key, "another object failed")
        missing = [key for key in change.depends_on if key in self._missing]
        return refusals.waits_for(change.key, missing) if missing else None
