"""A task's process: a group of its own, watched line by line, ended as a whole."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

GRACE_SECONDS = 3.0
LONGEST_LINE = 64 * 1024
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME", "USER", "LOGNAME", "SHELL", "SYSTEMROOT")
LineSink = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one process; None: none. `memory` in bytes of address space, `cpu_seconds` of processor time."""

    memory: int | None = None
    cpu_seconds: int | None = None


def base_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a task's process gets of the server's environment: how to find programs, never settings or secrets."""
    return {name: environ[name] for name in KEPT_VARIABLES if name in environ}


class Running:
    """A started process with two threads that read its output."""

    def __init__(self, process: subprocess.Popen[bytes], sink: LineSink) -> None:
        self._process, self._sink = process, sink
        self._ended = threading.Event()
        assert process.stdout is not None and process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(process.stdout, "INFO"), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, "ERROR"), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[bytes], level: str) -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE):
                self._sink(line.decode("utf-8", "replace").rstrip("\r\n"), level)

    def wait(self) -> int:
        """Wait for the end of the process, then end what it left behind. Returns the exit code."""
        code = self._process.wait()
        self._ended.set()
        self.signal(signal.SIGKILL)
        for reader in self._readers:
            reader.join()
        return code if code >= 0 else 128 - code

    def stop(self) -> None:
        """SIGTERM to the whole group, SIGKILL when it does not end; returns at once."""
        self.signal(signal.SIGTERM)
        threading.Thread(target=self._insist, daemon=True).start()

    def _insist(self) -> None:
        if not self._ended.wait(GRACE_SECONDS):
            self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """A signal to the process and everything it has started."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return


def start(
    arguments: Sequence[str], directory: Path, environment: Mapping[str, str], sink: LineSink, limits: Limits
) -> Running:
    """Start a process in a group of its own.

    Raises:
        OSError: it cannot be started.
    """
    process = subprocess.Popen(
        list(arguments),
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_limiter(limits) if limits != Limits() else None,
    )
    return Running(process, sink)


def _limiter(limits: Limits) -> Callable[[], None]:
    def limit() -> None:
        if limits.memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        if limits.cpu_seconds is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))

    return limit
