"""The log lines of one attempt of a task, from the moment they are printed until they are somebody else's to write."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.executor.turn import split_message
from flowctl.engine.store.tables.logs import LogLine

MOST_PENDING = 2 * 1024 * 1024
"""Characters that may wait to be written."""
MOST_KEPT = 64 * 1024 * 1024
"""Characters of log that an attempt may leave; of what comes after it the last lines are kept."""
LINE_COST = 100
"""What a line counts beside its characters, so that empty ones are bounded too."""
LAST_LINES = 100


class Sink(Protocol):
    """Who is told that there is something to write."""

    clock: Callable[[], int]

    def pending(self, lines: JobLines) -> None: ...

    def write(self, lines: list[LogLine]) -> BaseException | None: ...


class JobLines:
    """Lines that are not written yet. A job that prints faster than the disk takes is slowed down; one that prints
    without end is cut down to its beginning and its last lines."""

    def __init__(self, writer: Sink, job: Job, mask: Callable[[str], str]) -> None:
        self._writer, self._job, self._mask = writer, job, mask
        self._lines: list[LogLine] = []
        self._last: deque[LogLine] = deque(maxlen=LAST_LINES)
        self._waiting = self._kept = self._dropped = 0
        self._changed = threading.Condition()

    def add(self, level: str, message: str) -> None:
        """One line, split when it is long."""
        text = self._mask(message).encode("utf-8", "replace").decode()  # the store takes no half of a surrogate pair
        for index, part in enumerate(split_message(text)):
            self._put(self._line(level, part, index), len(part) + LINE_COST)

    def _line(self, level: str, text: str, index: int) -> LogLine:
        place = self._job.place
        return LogLine(
            place.execution_id,
            place.namespace,
            place.flow_id,
            place.task_id,
            place.task_run_id,
            place.attempt,
            self._writer.clock() + index * 1000,
            level,
            text,
            "worker",
        )

    def _put(self, line: LogLine, cost: int) -> None:
        with self._changed:
            self._kept += cost
            if self._kept > MOST_KEPT:
                self._dropped += len(self._last) == LAST_LINES
                self._last.append(line)
                return
            self._changed.wait_for(lambda: self._waiting < MOST_PENDING)
            self._waiting += cost
            self._lines.append(line)
        self._writer.pending(self)

    def take(self) -> list[LogLine]:
        """The lines, which are somebody else's to write from now on."""
        with self._changed:
            taken, self._lines = self._lines, []
            self._waiting = 0
            self._changed.notify_all()
        return taken

    def end(self) -> list[LogLine]:
        """As `take`, with the last lines: the job has ended."""
        return [*self.take(), *self._rest()]

    def _rest(self) -> Iterator[LogLine]:
        if self._dropped:
            text = f"{self._dropped} lines are left out here: an attempt keeps {MOST_KEPT // 1024 // 1024} MiB of log"
            yield replace(self._last[0], level="WARN", message=text)
        yield from self._last
        self._last.clear()
        self._dropped = 0

    def flush(self) -> None:
        """Write what is there."""
        self._writer.write(self.end())
