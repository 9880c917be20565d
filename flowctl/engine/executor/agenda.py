"""Which executions are to be looked at. Each is with one thread at a time, and none is forgotten."""

from __future__ import annotations

import threading
from itertools import count
from queue import PriorityQueue

MOST = 128
NEW, OLD = 0, 1
"""What an earlier process left is looked at when there is nothing new to do: however much it is, nobody waits."""


class Agenda:
    """`add` from any thread; a thread that has taken an execution releases it when its turn is on disk.

    No more than `most` are taken at once: turns that are decided faster than they are written would pile up in memory,
    and each other write of the service would wait behind them.
    """

    def __init__(self, most: int = MOST) -> None:
        self._free = threading.Semaphore(most)
        self._queue: PriorityQueue[tuple[int, int, str | None]] = PriorityQueue()
        self._number = count()
        self._lock = threading.Lock()
        self._waiting: dict[str, int] = {}
        self._busy: set[str] = set()
        self._again: set[str] = set()

    def add(self, execution_id: str, rank: int = NEW) -> None:
        """There may be something to do for this execution. One that waits already moves up where `rank` is better."""
        with self._lock:
            if execution_id in self._busy:
                self._again.add(execution_id)
                return
            if self._waiting.get(execution_id, rank + 1) <= rank:
                return
            self._waiting[execution_id] = rank
        self._put(rank, execution_id)

    def take(self) -> str | None:
        """The next execution, as soon as there is one and it may be taken; None when the agenda was closed."""
        self._free.acquire()
        while True:
            _, _, execution_id = self._queue.get()
            if execution_id is None:
                self._free.release()
                return None
            with self._lock:
                if self._waiting.pop(execution_id, None) is not None:
                    self._busy.add(execution_id)
                    return execution_id

    def again(self, execution_id: str) -> None:
        """Look at a taken execution once more when it is released."""
        with self._lock:
            self._again.add(execution_id)

    def release(self, execution_id: str) -> None:
        """The turn is over; the execution is looked at again when something came meanwhile."""
        with self._lock:
            self._busy.discard(execution_id)
            again = execution_id in self._again
            self._again.discard(execution_id)
        self._free.release()
        if again:
            self.add(execution_id)

    def close(self, threads: int, rank: int = NEW) -> None:
        """Let so many threads that take end, once nothing of a better rank waits."""
        for _ in range(threads):
            self._put(rank, None)

    def _put(self, rank: int, execution_id: str | None) -> None:
        self._queue.put((rank, next(self._number), execution_id))
