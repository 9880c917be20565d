"""File locks of `.flowctl/`: the kernel drops them when a process ends in any way, so they never go stale.

A pid proves nothing (it may be another program's by now); a lock that somebody holds does.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTING = "server.starting"
ALIVE = "server.alive"


@contextmanager
def starting(state_dir: Path) -> Iterator[None]:
    """Hold the right to start the workspace's server; a second starter waits here until the first is done."""
    handle = _open(state_dir / STARTING)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def hold_alive(state_dir: Path) -> int | None:
    """Take the lock that says "the server lives", until this process ends or the handle is closed.

    Returns the handle, or None when another process has it. The file gets this process's number.
    """
    handle = _open(state_dir / ALIVE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


def holder(state_dir: Path) -> int | None:
    """The process that holds that lock; None when nobody does, or it has not written its number yet.

    The number can be trusted as long as the lock is held: the holder wrote it.
    """
    if not is_alive(state_dir):
        return None
    try:
        return int((state_dir / ALIVE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def release(handle: int) -> None:
    """Give a lock back, also on behalf of children that inherited the handle."""
    fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def is_alive(state_dir: Path) -> bool:
    """Whether a server of this workspace lives. Asks with a shared lock, so two askers never see each other."""
    if not (state_dir / ALIVE).exists():
        return False
    handle = _open(state_dir / ALIVE)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def wait_until_dead(state_dir: Path, seconds: float) -> bool:
    """Wait until no server lives, at most so long; returns whether that came true."""
    gone = threading.Event()

    def watch() -> None:
        handle = _open(state_dir / ALIVE)
        fcntl.flock(handle, fcntl.LOCK_SH)
        os.close(handle)
        gone.set()

    threading.Thread(target=watch, daemon=True).start()
    return gone.wait(seconds)


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
