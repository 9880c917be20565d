"""Who and what this process is, so that a lock can say it, and whether the process that a lock names is gone.

A name holds the machine's boot, its process namespace, the process id and its start time. Only on the same boot and in
the same namespace can anything be said of it; elsewhere a lock simply expires.
"""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path

PROC = Path("/proc")


def user_name() -> str:
    """The user, or the number of one that has no name (containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"


def host_name() -> str:
    """This machine's name."""
    return socket.gethostname() or "unknown"


def this_process() -> str | None:
    """A name of this process that no other has; None where the system does not say enough."""
    place, started = _place(), _started(os.getpid())
    return f"{place}/{os.getpid()}/{started}" if place and started else None


def is_gone(name: str | None) -> bool:
    """Whether the process of that name certainly has ended. False whenever that cannot be told from here."""
    parts = (name or "").rsplit("/", 2)
    if len(parts) != 3 or parts[0] != _place() or not parts[1].isdigit():
        return False
    return _started(int(parts[1])) != parts[2]


def _place() -> str | None:
    """The boot of this machine and the process namespace."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return None


def _started(process: int) -> str | None:
    """The start time of a process in clock ticks since boot: field 22 of its `stat` (proc(5)); None when it ended."""
    try:
        text = (PROC / str(process) / "stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]
