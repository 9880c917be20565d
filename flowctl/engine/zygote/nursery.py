"""The server's side of the program that raises the processes of tasks."""

from __future__ import annotations

import array
import marshal
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO

from flowctl.engine.accounts import Account

PROGRAM = Path(__file__).parent / "child.py"
ANSWER = 16
LOST = -signal.SIGKILL


class NurseryGone(Exception):
    """The program cannot be started, or has ended: start the process in another way."""


@dataclass(slots=True)
class Child:
    """A process that was asked for. `stdout` and `stderr` end when the process and all it started have closed them."""

    stdout: IO[bytes]
    stderr: IO[bytes]
    pid: int = 0
    error: int | None = None
    code: int | None = None
    _started: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> int:
        """Wait for its end. Returns the exit code; negative: the signal that ended it."""
        self._ended.wait()
        return LOST if self.code is None else self.code

    def signal(self, number: int) -> None:
        """A signal to the process and everything in its group; nothing once it has ended."""
        if not self._ended.is_set():
            signal_group(self.pid, number)

    def told(self, kind: bytes, value: int) -> None:
        """Take an answer of the program."""
        if kind == b"s":
            self.pid = value
        elif kind == b"x":
            self.error = value
        else:
            self.code = value
            self._ended.set()
        self._started.set()

    def lost(self) -> None:
        """The program has died: end what it can no longer look after."""
        if self.pid and not self._ended.is_set():
            signal_group(self.pid, signal.SIGKILL)
        self._ended.set()
        self._started.set()

    def started(self) -> None:
        """Wait until it runs.

        Raises:
            OSError: it cannot be started.
            NurseryGone: the program died before it could.
        """
        self._started.wait()
        if self.error is not None:
            self.close()
            raise OSError(self.error, os.strerror(self.error))
        if not self.pid:
            self.close()
            raise NurseryGone

    def close(self) -> None:
        """Give the streams up."""
        self.stdout.close()
        self.stderr.close()


class Nursery:
    """One program that raises processes for an interpreter. Safe to use from several threads."""

    def __init__(self, interpreter: str, environment: Mapping[str, str]) -> None:
        """Start it.

        Raises:
            NurseryGone: the interpreter cannot be run.
        """
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [interpreter, "-u", str(PROGRAM), str(theirs.fileno())],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,  # streams of the kind that scripts will have
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise NurseryGone(str(error)) from error
        finally:
            theirs.close()
        self._socket, self._lock, self._children, self._next = ours, threading.Lock(), dict[int, Child](), 0
        self.alive = True
        threading.Thread(target=self._listen, name="flowctl-nursery", daemon=True).start()

    def start(
        self,
        directory: Path,
        environment: Mapping[str, str],
        *,
        arguments: Sequence[str] = (),
        script: str | None = None,
        limits: Sequence[tuple[int, int]] = (),
        group: Path | None = None,
        processors: Sequence[int] = (),
        account: Account | None = None,
    ) -> Child:
        """Start a program, or a script of the directory in a fork of the warm interpreter; `limits` are pairs of a
        resource of `setrlimit` and its value; `group` is a control group to join, `processors` are the only ones to
        run on. With `account` it runs as that user.

        Raises:
            OSError: it cannot be started.
            NurseryGone: this program has died.
        """
        request: dict[str, object] = {
            "directory": str(directory),
            "environment": dict(environment),
            "limits": list(limits),
            "group": str(group or ""),
            "processors": list(processors),
            "user": (account.uid, _first(account.gid, account.groups)) if account else None,
        }
        request |= {"arguments": list(arguments)} if script is None else {"script": script}
        return self._raise(request, account)

    def _raise(self, request: dict[str, object], account: Account | None) -> Child:
        """A child with the other ends of its two streams, once it runs."""
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        child = Child(os.fdopen(out, "rb"), os.fdopen(err, "rb"))
        if account:
            account.owns(out_end)
            account.owns(err_end)
        try:
            self._send(child, request, (out_end, err_end))
        except OSError as error:
            child.close()
            raise NurseryGone(str(error)) from error
        finally:
            os.close(out_end)
            os.close(err_end)
        child.started()
        return child

    def close(self) -> None:
        """End the program and every process that it looks after."""
        with self._lock:
            if self.alive:
                self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()

    @property
    def pid(self) -> int:
        """The process id of the program."""
        return self._process.pid

    def _send(self, child: Child, request: dict[str, object], handles: tuple[int, int]) -> None:
        with self._lock:
            if not self.alive:
                raise BrokenPipeError("the program that starts processes has ended")
            self._next += 1
            self._children[self._next] = child
            body = marshal.dumps(request | {"id": self._next}, 2)
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handles))
            self._socket.sendmsg([len(body).to_bytes(8, "big")], [rights])
            self._socket.sendall(body)

    def _listen(self) -> None:
        with self._socket.makefile("rb") as answers:
            try:
                while len(answer := answers.read(ANSWER)) == ANSWER:
                    self._take(answer)
            except OSError:
                pass  # the connection is broken: the same as its end
        with self._lock:
            self.alive = False
            lost, self._children = self._children, {}
        for child in lost.values():
            child.lost()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._socket.close()

    def _take(self, answer: bytes) -> None:
        number, kind = int.from_bytes(answer[:8], "big"), answer[8:9]
        with self._lock:
            child = self._children.pop(number, None) if kind == b"e" else self._children.get(number)
        if child is not None:
            child.told(kind, int.from_bytes(answer[9:], "big", signed=True))


def _first(gid: int, groups: Sequence[int]) -> list[int]:
    """All groups with the main one first."""
    return [gid, *(group for group in groups if group != gid)]


def signal_group(pid: int, number: int) -> None:
    """A signal to a process group; nothing when it is gone."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _known() -> dict[str, Nursery]:
    """The programs that this process has started, by interpreter."""
    return {}


def shared(interpreter: str, environment: Mapping[str, str]) -> Nursery:
    """The one for an interpreter, started when there is none (any more). `environment` is the same at each call.

    Raises:
        NurseryGone: it cannot be started.
    """
    with _LOCK:
        found = _known().get(interpreter)
        if found is None or not found.alive:
            found = _known()[interpreter] = Nursery(interpreter, environment)
        return found
