"""A store's directory belongs to one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from flowctl.engine.store.problems import StoreBusy

LOCK_FILE = "store.lock"


class Ownership:
    """Holds the lock file until `release`; the system releases it too when the process dies."""

    def __init__(self, directory: Path) -> None:
        """Take the directory.

        Raises:
            StoreBusy: another process holds it; the message names its process id.
        """
        path = directory / LOCK_FILE
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._fd, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._fd)
            raise StoreBusy.of(
                "S303",
                f"{directory} is in use by another flowctl server (process {holder})",
                hint="stop that server (`flowctl server stop`), or give this one another --data directory",
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others have the directory."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
