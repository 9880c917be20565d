"""`logToFile`: the log of an attempt becomes a file of the execution's storage."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.executor.tasks.joblines import LAST_LINES, LINE_COST, MOST_KEPT, JobLines
from flowctl.engine.plugins.protocol import Place
from flowctl.engine.store.tables.logs import LogLine


class FileLines:
    """Lines of an attempt, written to a file as they come: time, level, message. Of more than `MOST_KEPT` characters
    the beginning and the last lines are kept. What cannot be written goes to `rows`, the log in the store."""

    def __init__(self, rows: JobLines, path: Path, clock: Callable[[], int], mask: Callable[[str], str]) -> None:
        self._rows, self._path, self._clock, self._mask = rows, path, clock, mask
        self._stream: IO[str] | None = None
        self._failed = False
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._kept = self._dropped = 0
        self._lock = threading.Lock()

    def add(self, level: str, message: str) -> None:
        """One line; a message of several lines stays as it is."""
        with self._lock:
            if self._failed:
                self._rows.add(level, message)
                return
            text = f"{iso_time(self._clock())} {level:<5} {self._mask(message)}\n"
            self._kept += len(text) + LINE_COST
            if self._kept > MOST_KEPT:
                self._dropped += len(self._last) == LAST_LINES
                self._last.append(text)
                return
            try:
                self._write(text)
            except OSError as error:
                self._failed = True
                self._rows.add("WARN", f"the file of the log cannot be written, further lines are here: {error}")
                self._rows.add(level, message)

    def _write(self, text: str) -> None:
        if self._stream is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)  # tasks may run as another user, who is not to read it
            self._stream = self._path.open("w", encoding="utf-8", errors="replace", buffering=1)
        self._stream.write(text)

    def store(self, put: Callable[[str, Path], str], place: Place) -> str | None:
        """The attempt has ended: put its file where the execution's files are. Returns the address; None when there is
        no line, or when that failed, as the log in the store then says."""
        try:
            with self._lock:
                if self._stream is None:
                    return None
                self._finish()
            return put(f"attempt-{place.attempt}.log", self._path)
        except OSError as error:
            self._rows.add("WARN", f"the file of the log cannot be stored: {error}")
            return None
        finally:
            self._remove()

    def _finish(self) -> None:
        assert self._stream is not None
        with self._stream:
            if self._dropped:
                most = MOST_KEPT // 1024 // 1024
                self._stream.write(f"{self._dropped} lines are left out here: an attempt keeps {most} MiB of log\n")
            self._stream.writelines(self._last)

    def end(self) -> list[LogLine]:
        """The lines that are for the log in the store."""
        return self._rows.end()

    def flush(self) -> None:
        """The server stops, and the attempt is made again by the next one: that begins a new file."""
        if self._stream is not None:
            self._stream.close()
        self._remove()
        self._rows.flush()

    def _remove(self) -> None:
        with suppress(OSError):
            self._path.unlink()
