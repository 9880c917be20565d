"""Which processes of tasks are there: those that work below the campaign's directory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

GRACE_SECONDS = 5.0
PAUSE = threading.Event()


def alive(directory: Path) -> list[int]:
    """Processes whose working directory is below a directory, or was before it was removed."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _below(name, directory)]  # noqa: PTH208


def _below(pid: str, directory: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(directory)
    except OSError:
        return False


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Look again and again until something holds; False when it does not in time."""
    for _ in range(int(seconds / 0.02)):
        if holds():
            return True
        PAUSE.wait(0.02)
    return holds()


def command_of(pid: int) -> str:
    """The command line of a process, for a message."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")[:200]
    except OSError:
        return "(gone meanwhile)"


def outlived(directory: Path) -> list[str]:
    """A finding for each process of a task that is still there after a while."""
    until(lambda: not alive(directory), GRACE_SECONDS)
    return [f"process {pid} outlived its execution: {command_of(pid)}" for pid in alive(directory)]
