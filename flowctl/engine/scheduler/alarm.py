"""Waiting for a date on the wall clock, or for a call."""

from __future__ import annotations

import threading
from collections.abc import Callable

LONGEST_SECONDS = 10.0
"""A wait counts seconds that pass, not the wall clock's: after at most this long a clock that was set is noticed."""


class Alarm:
    """`wait` returns when the wall clock shows a time, or as soon as `ring` was called since the last wait."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms, self._rung = clock_ms, threading.Event()

    def ring(self) -> None:
        """Let the wait, this one or the next, end at once. From any thread."""
        self._rung.set()

    def wait(self, until_ms: int | None) -> None:
        """Wait until a time in milliseconds since 1970; None: until it rings."""
        seconds = LONGEST_SECONDS
        if until_ms is not None:
            seconds = min(max(until_ms - self._clock_ms(), 0) / 1000, LONGEST_SECONDS)
        self._rung.wait(seconds)
        self._rung.clear()
