"""What a running server measures of itself: cheap to note, read only when somebody asks for the metrics."""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import dataclass, field

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """A histogram at one moment: how many values were at most each bound (the last is infinity), and their sum."""

    bounds: tuple[str, ...]
    counts: tuple[int, ...]
    total: float


class Histogram:
    """Counts values by their size. Safe to use from several threads."""

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self._bounds, self._counts = bounds, [0] * (len(bounds) + 1)
        self._total, self._lock = 0.0, threading.Lock()

    def note(self, value: float) -> None:
        """One value; a negative one (a clock was set back) counts as zero."""
        value = max(value, 0.0)
        with self._lock:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._total += value

    def read(self) -> Reading:
        """All that was noted, the counts cumulated."""
        with self._lock:
            counts, total = list(self._counts), self._total
        for index in range(1, len(counts)):
            counts[index] += counts[index - 1]
        return Reading((*map(str, self._bounds), "+Inf"), tuple(counts), total)


@dataclass(slots=True)
class Observations:
    """Durations of task runs by their type, and how late schedules fire; all in seconds."""

    schedule_lag: Histogram = field(default_factory=Histogram)
    tasks: dict[str, Histogram] = field(default_factory=dict)

    def task(self, name: str, seconds: float) -> None:
        """A task run of this type has ended."""
        found = self.tasks.get(name)
        if found is None:
            found = self.tasks.setdefault(name, Histogram())
        found.note(seconds)
