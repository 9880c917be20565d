"""Find the workspace's server, or start it in the background and wait until it answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from flowctl.cli.background.listen import bind_preferred
from flowctl.cli.background.locks import is_alive, starting
from flowctl.cli.background.record import NAME, ServerRecord, read_record
from flowctl.errors import ServerError

HOST = "127.0.0.1"
DEADLINE = 30.0
LOG = "server.log"
LOG_LIMIT = 5_000_000
TAIL_LINES = 15
HEALTH = "/api/v1/flowctl/health"


def find_running(state_dir: Path) -> ServerRecord | None:
    """The workspace's running server, or None. A record without a living process counts for nothing."""
    return read_record(state_dir) if is_alive(state_dir) else None


def ensure_running(state_dir: Path, port: int | None, say: Callable[[str], None]) -> tuple[ServerRecord, bool]:
    """The workspace's server and whether it was started just now.

    Two commands that come at the same moment start one server: the second waits for the first.

    Raises:
        ServerError: S392 it ended while starting, S393 it did not answer in time.
    """
    record = find_running(state_dir)
    if record is not None:
        return record, False
    with starting(state_dir):
        record = find_running(state_dir)
        if record is not None:
            return record, False
        say("Starting the bundled server in the background ...")
        record = _launch(state_dir, port)
        say(f"The bundled server listens on {record.url} (process {record.pid}; `flowctl server stop` ends it).")
        return record, True


def log_tail(state_dir: Path, lines: int = TAIL_LINES) -> str:
    """The end of the server's log; empty when there is none."""
    try:
        text = (state_dir / LOG).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _launch(state_dir: Path, port: int | None) -> ServerRecord:
    (state_dir / NAME).unlink(missing_ok=True)
    _rotate(state_dir / LOG)
    with bind_preferred(HOST, port) as listener:
        actual = int(listener.getsockname()[1])
        process = _spawn(state_dir, listener.fileno())
    _wait_until_ready(process, actual, state_dir)
    record = read_record(state_dir)
    if record is None or record.pid != process.pid:
        raise _failed(process, state_dir)
    return record


def _spawn(state_dir: Path, handle: int) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "flowctl", "server", "run", "--listen-fd", str(handle)]
    with (state_dir / LOG).open("ab") as log:
        return subprocess.Popen(
            arguments,
            cwd=state_dir.parent,
            pass_fds=[handle],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, state_dir: Path) -> None:
    """Ask for its health: the question waits in the socket's queue until the server takes it, or dies."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(HOST, port, timeout=DEADLINE)
    try:
        connection.request("GET", HEALTH)
        connection.getresponse().read()
    except TimeoutError as problem:
        process.kill()
        process.wait()
        raise _silent(state_dir) from problem
    except (OSError, HTTPException) as problem:
        raise _failed(process, state_dir) from problem
    finally:
        connection.close()


def _rotate(log: Path) -> None:
    """Keep one older log, so that a server that runs for years does not fill the disk."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def _failed(process: subprocess.Popen[bytes], state_dir: Path) -> ServerError:
    code = process.wait(DEADLINE)
    return ServerError.of(
        "S392",
        f"the bundled server ended while it was starting (exit code {code})",
        detail=log_tail(state_dir),
        hint=f"the whole log is {state_dir / LOG}; `flowctl server run` starts it in the foreground",
    )


def _silent(state_dir: Path) -> ServerError:
    return ServerError.of(
        "S393",
        f"the bundled server did not answer within {DEADLINE:.0f} s of its start, and was stopped",
        detail=log_tail(state_dir),
        hint=f"the whole log is {state_dir / LOG}; `flowctl server run` starts it in the foreground",
    )
