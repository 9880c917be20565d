"""Find the workspace's server, or start it in the background and wait until it answers."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from flowctl.cli.background.locks import is_alive, starting
from flowctl.cli.background.record import NAME, ServerRecord, read_record
from flowctl.errors import ServerError

DEADLINE = 30.0
LOG = "server.log"
LOG_LIMIT = 5_000_000
TAIL_LINES = 15


def find_running(state_dir: Path) -> ServerRecord | None:
    """The workspace's running server, or None. A record without a living process counts for nothing."""
    return read_record(state_dir) if is_alive(state_dir) else None


def ensure_running(
    state_dir: Path, say: Callable[[str], None], deadline: float = DEADLINE
) -> tuple[ServerRecord, bool]:
    """The workspace's server and whether it was started just now; `deadline` in seconds.

    Two commands that come at the same moment start one server: the second waits for the first.

    Raises:
        ServerError: S392 it ended while starting, S393 it was not ready in time, S395 its directory cannot be used.
    """
    try:
        record = find_running(state_dir)
        return (record, False) if record is not None else _start(state_dir, say, deadline)
    except OSError as problem:
        raise _unusable(state_dir, problem) from None


def _start(state_dir: Path, say: Callable[[str], None], deadline: float) -> tuple[ServerRecord, bool]:
    with starting(state_dir):
        record = find_running(state_dir)
        if record is not None:
            return record, False
        record = _launch(state_dir, deadline)
        say(f"Started the bundled server in the background: {record.url} (`flowctl server stop` ends it).")
        return record, True


def log_tail(state_dir: Path, lines: int = TAIL_LINES, since: int = 0) -> str:
    """The end of the server's log, of what was written after its byte `since`; empty when there is none."""
    try:
        written = (state_dir / LOG).read_bytes()[since:]
    except FileNotFoundError:
        return ""
    return "\n".join(written.decode("utf-8", errors="replace").splitlines()[-lines:])


def _launch(state_dir: Path, deadline: float) -> ServerRecord:
    (state_dir / NAME).unlink(missing_ok=True)
    _rotate(state_dir / LOG)
    before = _size(state_dir / LOG)
    reader, writer = os.pipe()
    try:
        process = _spawn(state_dir, writer)
    finally:
        os.close(writer)
    answer = _wait_for_byte(reader, deadline)
    record = read_record(state_dir)
    if answer == b"1" and record is not None:
        return record
    raise _silent(process, state_dir, deadline, before) if answer is None else _ended(process, state_dir, before)


def _spawn(state_dir: Path, ready: int) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "flowctl", "server", "run", "--ready-fd", str(ready)]
    with (state_dir / LOG).open("ab") as log:
        return subprocess.Popen(
            arguments,
            cwd=state_dir.parent,
            pass_fds=[ready],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != "FLOWCTL_SERVER_DATA"},
        )


def _wait_for_byte(reader: int, deadline: float) -> bytes | None:
    """What comes through the pipe: a byte when the server is ready, nothing when it has died, None when neither."""
    with selectors.DefaultSelector() as selector:
        selector.register(reader, selectors.EVENT_READ)
        ready = selector.select(deadline)
        answer = os.read(reader, 1) if ready else None
    os.close(reader)
    return answer


def _rotate(log: Path) -> None:
    """Keep one older log, so that a server that runs for years does not fill the disk."""
    if _size(log) > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _unusable(state_dir: Path, problem: OSError) -> ServerError:
    return ServerError.of(
        "S395",
        f"the bundled server needs {state_dir}, which cannot be used: {problem.strerror}",
        hint="make it a directory that you can write to, on a disk with room; or use an environment with a URL",
    )


def _ended(process: subprocess.Popen[bytes], state_dir: Path, since: int) -> ServerError:
    code = process.wait()
    return ServerError.of(
        "S392",
        f"the bundled server ended while it was starting (exit code {code})",
        detail=log_tail(state_dir, since=since),
        hint=f"the whole log is {state_dir / LOG}; `flowctl server run` starts it in the foreground",
    )


def _silent(process: subprocess.Popen[bytes], state_dir: Path, deadline: float, since: int) -> ServerError:
    process.kill()
    process.wait()
    return ServerError.of(
        "S393",
        f"the bundled server was not ready {deadline:.0f} s after its start, and was stopped",
        detail=log_tail(state_dir, since=since),
        hint=f"the whole log is {state_dir / LOG}; `flowctl server run` starts it in the foreground",
    )
