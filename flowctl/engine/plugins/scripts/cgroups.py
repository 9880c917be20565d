"""Control groups of Linux, version 2: a group per task that has limits, where the server may make groups.

That is so where the cgroup of the server is its own: a service with `Delegate=yes`, or a container whose only program
it is and which may write `/sys/fs/cgroup`. Elsewhere nothing is touched (see cgroups(7), "Delegating a hierarchy").
"""

from __future__ import annotations

import errno
import itertools
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

MOUNT, OWN = "sys/fs/cgroup", "proc/self/cgroup"
SERVER, TASK = "flowctl-server", "flowctl-task-"
CONTROLLERS = ("cpu", "memory")
PERIOD = 100_000
"""Microseconds over which a share of processors is counted; the kernel's own default."""
ROUNDS = 5
"""How often the processes of the server are moved before it is given up: new ones come meanwhile."""
REMOVALS, REMOVAL_SECONDS = 20, 0.01
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Groups:
    """Where groups of tasks are made."""

    base: Path
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def make(self, memory: int | None, cpus: float | None) -> Path:
        """A new group with a limit in bytes and a number of processors; None: no limit.

        Raises:
            OSError: it cannot be made.
        """
        group = self.base / f"{TASK}{os.getpid()}-{next(self._numbers)}"
        group.mkdir()
        try:
            if memory is not None:
                (group / "memory.max").write_text(str(memory))
                with suppress(OSError):  # kernels without swap have no such file
                    (group / "memory.swap.max").write_text("0")
                (group / "memory.oom.group").write_text("1")
            if cpus is not None:
                (group / "cpu.max").write_text(f"{max(round(cpus * PERIOD), 1000)} {PERIOD}")
        except OSError:
            remove(group)
            raise
        return group

    def sweep(self) -> None:
        """Remove what servers have left that are gone."""
        for group in self.base.glob(f"{TASK}*-*"):
            if not Path("/proc", group.name.removeprefix(TASK).partition("-")[0]).exists():
                remove(group)


def remove(group: Path) -> None:
    """Remove a group whose processes have been killed. One that is not gone in time stays until the next server."""
    for _ in range(REMOVALS):
        try:
            group.rmdir()
        except OSError as error:
            if error.errno == errno.EBUSY:  # the last one is still on its way out
                time.sleep(REMOVAL_SECONDS)
                continue
        return


def find(root: Path, me: int) -> Groups | None:
    """Where the process `me` may make groups; None when nowhere. Moves the processes of the server into a group of
    their own where that is needed, as groups with limits lie beside processes and not below them."""
    try:
        own = _own(root)
        if own is None or not set(CONTROLLERS) <= set((own / "cgroup.controllers").read_text().split()):
            return None
        if own.name == SERVER:
            own = own.parent
        if not _enabled(own) and not (_alone(root, own, me) and _settle(own)):
            return None
    except (OSError, ValueError):
        return None
    return Groups(own) if os.access(own, os.W_OK) else None


def _own(root: Path) -> Path | None:
    """The group of this process; None when version 2 is not what the machine uses."""
    mount = root / MOUNT
    if not (mount / "cgroup.controllers").is_file():
        return None
    paths = [line[3:] for line in (root / OWN).read_text().splitlines() if line.startswith("0::/")]
    return mount / paths[0].lstrip("/") if len(paths) == 1 and ".." not in paths[0] else None


def _enabled(group: Path) -> bool:
    return set(CONTROLLERS) <= set((group / "cgroup.subtree_control").read_text().split())


def _members(group: Path) -> list[int]:
    return [int(line) for line in (group / "cgroup.procs").read_text().split()]


def _alone(root: Path, group: Path, me: int) -> bool:
    """Whether all processes of a group are the server's own."""
    return os.access(group, os.W_OK) and all(_below(root, pid, me) for pid in _members(group))


def _below(root: Path, pid: int, me: int) -> bool:
    """Whether a process is `me` or was started by it."""
    try:
        while pid > 1 and pid != me:
            pid = int((root / "proc" / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return True  # it has ended meanwhile
    return pid == me


def _settle(group: Path) -> bool:
    """Move all processes of a group into one below, and have limits given to the others below. On failure they are
    moved back."""
    inner = group / SERVER
    inner.mkdir(exist_ok=True)
    for _ in range(ROUNDS):
        for pid in _members(group):
            with suppress(ProcessLookupError):
                (inner / "cgroup.procs").write_text(str(pid))
        try:
            (group / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in CONTROLLERS))
        except OSError:  # a process has come meanwhile
            continue
        return True
    for pid in _members(inner):
        with suppress(OSError):
            (group / "cgroup.procs").write_text(str(pid))
    remove(inner)
    return False


def available() -> Groups | None:
    """Where this process may make groups; looked for once."""
    with _LOCK:
        return _found()


@lru_cache(maxsize=1)
def _found() -> Groups | None:
    groups = find(Path("/"), os.getpid())
    if groups is not None:
        groups.sweep()
    return groups
