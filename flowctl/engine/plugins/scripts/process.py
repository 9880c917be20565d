"""A task's process: a group of its own, watched line by line, ended as a whole."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from flowctl.engine.accounts import Account, account_of, hand_over
from flowctl.engine.plugins.scripts.limits import Confinement, Limits, confine
from flowctl.engine.zygote import NurseryGone, shared
from flowctl.engine.zygote.nursery import signal_group

GRACE_SECONDS = 3.0
LONGEST_LINE = 64 * 1024
MESSAGE_START, LONGEST_MESSAGE = b"::{", 64 * 1024 * 1024
"""A line that begins like a message (`protocol.py`) is read as a whole, up to as much as outputs may be."""
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME", "USER", "LOGNAME", "SHELL", "SYSTEMROOT")
LineSink = Callable[[str, str], None]


def base_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a task's process gets of the server's environment: how to find programs, never settings or secrets."""
    return {name: environ[name] for name in KEPT_VARIABLES if name in environ}


class Process(Protocol):
    """A process as it is watched, whoever started it."""

    stdout: IO[bytes]
    stderr: IO[bytes]

    def wait(self) -> int:
        """Wait for its end. Returns the exit code; negative: the signal that ended it."""

    def signal(self, number: int) -> None:
        """A signal to it and everything it has started."""


class Direct:
    """A process that this process has started itself: where the program that raises them does not run."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None and process.stderr is not None
        self._process, self.stdout, self.stderr = process, process.stdout, process.stderr

    def wait(self) -> int:
        """Wait for the end of the process, then end what it left behind."""
        code = self._process.wait()
        self.signal(signal.SIGKILL)
        return code

    def signal(self, number: int) -> None:
        """A signal to the process and everything it has started."""
        signal_group(self._process.pid, number)


class Running:
    """A started process with two threads that read its output."""

    def __init__(self, process: Process, sink: LineSink, confinement: Confinement) -> None:
        self._process, self._sink, self._confinement = process, sink, confinement
        self._ended = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, args=(process.stdout, "INFO"), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, "ERROR"), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[bytes], level: str) -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE):
                if line.startswith(MESSAGE_START) and not line.endswith(b"\n"):
                    line += stream.readline(LONGEST_MESSAGE)
                self._sink(line.decode("utf-8", "replace").rstrip("\r\n"), level)

    def wait(self) -> int:
        """Wait for the end of the process and of what it left behind. Returns the exit code."""
        code = self._process.wait()
        self._ended.set()
        for reader in self._readers:
            reader.join()
        self._confinement.release()
        return code if code >= 0 else 128 - code

    def stop(self) -> None:
        """SIGTERM to the whole group, SIGKILL when it does not end; returns at once."""
        self._process.signal(signal.SIGTERM)
        threading.Thread(target=self._insist, daemon=True).start()

    def _insist(self) -> None:
        if not self._ended.wait(GRACE_SECONDS):
            self._process.signal(signal.SIGKILL)


def start(
    arguments: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    sink: LineSink,
    limits: Limits,
    interpreter: str | None = None,
) -> Running:
    """Start a process in a group of its own. With `interpreter`, `arguments` are `[interpreter, "-u", NAME]` and the
    script runs in a fork of that interpreter, already started.

    Raises:
        OSError: it cannot be started.
    """
    path = environment.get("PATH", os.defpath)
    if shutil.which(arguments[0], path=path) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), arguments[0])
    account = account_of(os.environ)
    if account is not None:
        hand_over(directory, account)
        environment = _logged_in(environment, account)
    confinement = confine(limits)
    try:
        process = _started(arguments, directory, environment, confinement, account, interpreter)
    except BaseException:
        confinement.release()
        raise
    return Running(process, sink, confinement)


def _started(
    arguments: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    confinement: Confinement,
    account: Account | None,
    interpreter: str | None,
) -> Process:
    try:
        nursery = shared(interpreter or sys.executable, base_environment(os.environ))
        return nursery.start(
            directory,
            environment,
            arguments=arguments,
            script=arguments[-1] if interpreter else None,
            limits=confinement.resources,
            group=confinement.group,
            processors=confinement.processors,
            account=account,
        )
    except NurseryGone:
        return _direct(arguments, directory, environment, confinement, account)


def _logged_in(environment: Mapping[str, str], account: Account) -> dict[str, str]:
    """The environment with the user's name and home in the place of the server's, unless the task sets them."""
    own = {name: value for name, value in account.variables.items() if environment.get(name) == os.environ.get(name)}
    return {**environment, **own}


def _direct(
    arguments: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    confinement: Confinement,
    account: Account | None,
) -> Direct:
    return Direct(
        subprocess.Popen(
            list(arguments),
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=confinement.apply if confinement != Confinement() else None,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=account.groups if account else None,
        )
    )
