"""One thread writes. Whatever is waiting when it is free shares one transaction, hence one wait for the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from flowctl.engine.observing import Histogram
from flowctl.engine.store.faults import Faults
from flowctl.engine.store.problems import StoreError, StoreUnavailable, translate

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], T]
# The queue holds writes of every result type, so the element type is erased here and restored by `submit`.
_Item = tuple[Write[Any], "Future[Any]", bool]

GROUP = 256


class Writer:
    """Runs writes in order, many to a commit; each stands in a savepoint, so that one failure harms no other.
    A full disk is the exception: SQLite then gives up the whole transaction, and all that share it fail."""

    def __init__(self, connection: sqlite3.Connection, faults: Faults) -> None:
        self._connection, self._faults = connection, faults
        self.commits = Histogram()
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="flowctl-store-writer", daemon=True)
        self._thread.start()

    def submit(self, write: Write[T], *, requested: bool = False) -> Future[T]:
        """A future that is resolved after the write is on disk, or fails with what `write` or the store raised.
        `requested` marks a request's write (see `Faults`)."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(StoreUnavailable("the server is stopping"))
            else:
                self._queue.put((write, future, requested))
        return future

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            group, running = self._next_group()
            if group:
                began = time.perf_counter()
                _Group(self._connection, self._faults, group).run()
                self.commits.note(time.perf_counter() - began)

    def _next_group(self) -> tuple[list[_Item], bool]:
        first = self._queue.get()
        group: list[_Item] = []
        while first is not None:
            group.append(first)
            if len(group) >= GROUP:
                return group, True
            try:
                first = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False


class _Group:
    def __init__(self, connection: sqlite3.Connection, faults: Faults, items: list[_Item]) -> None:
        self._connection, self._faults = connection, faults
        self._items = [item for item in items if item[1].set_running_or_notify_cancel()]
        self._done: list[tuple[Future[Any], Any]] = []

    def run(self) -> None:
        """All writes in one transaction; futures are resolved only after its commit."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for index, (write, future, _) in enumerate(self._items):
                if not self._write_one(write, future):
                    self._abandon(self._items[index + 1 :])
                    return
            self._commit()
        except sqlite3.Error as error:
            self._fail_all(translate(error) or StoreError(str(error)))

    def _write_one(self, write: Write[Any], future: Future[Any]) -> bool:
        """Whether the transaction still stands after this write."""
        self._connection.execute("SAVEPOINT item")
        try:
            result = write(self._connection)
        except BaseException as error:
            known = translate(error) if isinstance(error, sqlite3.Error) else None
            if not self._connection.in_transaction:  # SQLite gives up the whole transaction on a full disk
                self._fail_all(known or StoreError(str(error)))
                return False
            self._connection.execute("ROLLBACK TO item")
            self._connection.execute("RELEASE item")
            future.set_exception(known or error)
            return True
        self._connection.execute("RELEASE item")
        self._done.append((future, result))
        return True

    def _commit(self) -> None:
        requested = any(item[2] for item in self._items)
        self._faults.before_commit(requested)
        self._connection.execute("COMMIT")
        self._faults.after_commit(requested)
        for future, result in self._done:
            future.set_result(result)

    def _abandon(self, rest: list[_Item]) -> None:
        for _, future, _ in rest:
            if not future.done():
                future.set_exception(StoreUnavailable("the transaction was given up; nothing was written"))

    def _fail_all(self, error: StoreError) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        for _, future, _ in self._items:
            if not future.done():
                future.set_exception(error)
