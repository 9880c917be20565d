"""Wake-ups in time: the rows are in the store, this is the alarm clock of the running process."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable

LONGEST = 10.0
"""A wait counts seconds that pass, not the wall clock's: after at most this long a clock that was set is noticed."""


class Timers:
    """Calls `ring` with an execution's id when its time has come. Time is read anew after each wait, so that a clock
    that is set back or forward does no harm."""

    def __init__(self, clock: Callable[[], int], ring: Callable[[str], None]) -> None:
        self._clock, self._ring = clock, ring
        self._due: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="flowctl-timers", daemon=True)

    def start(self) -> None:
        """Begin to ring."""
        self._thread.start()

    def set(self, execution_id: str, due: int) -> None:
        """Ring for this execution at a time; replaces its earlier time."""
        with self._wake:
            if self._due.get(execution_id) == due:
                return
            self._due[execution_id] = due
            heapq.heappush(self._heap, (due, execution_id))
            if self._heap[0][1] == execution_id:
                self._wake.notify()

    def clear(self, execution_id: str) -> None:
        """Do not ring for this execution any more."""
        with self._wake:
            self._due.pop(execution_id, None)

    def close(self) -> None:
        """Stop."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._wake:
                if self._closed:
                    return
                rings = self._collect()
                if not rings:
                    self._wake.wait(self._pause())
            for id_ in rings:
                self._ring(id_)

    def _collect(self) -> list[str]:
        now = self._clock()
        rings = []
        while self._heap and self._heap[0][0] <= now:
            due, id_ = heapq.heappop(self._heap)
            if self._due.get(id_) == due:
                del self._due[id_]
                rings.append(id_)
        return rings

    def _pause(self) -> float | None:
        if not self._heap:
            return None
        return min(max(self._heap[0][0] - self._clock(), 0) / 1_000_000, LONGEST)
