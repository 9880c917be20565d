"""A store's directory belongs to one process at a time."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from flowctl.engine.store.problems import StoreBusy

LOCK_FILE = "store.lock"
LONGEST_SECONDS, PAUSE_SECONDS = 5.0, 0.02
"""How long the lock of a holder that has died is waited for."""


class Ownership:
    """Holds the lock file until `release`; the system releases it too when the process dies."""

    def __init__(self, directory: Path) -> None:
        """Take the directory.

        Raises:
            StoreBusy: another process holds it; the message names its process id.
        """
        path = directory / LOCK_FILE
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._taken():
            holder = self._holder()
            os.close(self._fd)
            raise StoreBusy.of(
                "S303",
                f"{directory} is in use by another flowctl server (process {holder})",
                hint="stop that server (`flowctl server stop`), or give this one another --data directory",
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def _taken(self) -> bool:
        """Take the lock. A process that the holder was starting as it was killed has it for a moment longer."""
        until = time.monotonic() + LONGEST_SECONDS
        while True:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if _lives(self._holder()) or time.monotonic() > until:
                    return False
                time.sleep(PAUSE_SECONDS)
            else:
                return True

    def _holder(self) -> str:
        return os.pread(self._fd, 32, 0).decode("ascii", "replace").strip() or "unknown"

    def release(self) -> None:
        """Let others have the directory."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _lives(holder: str) -> bool:
    """Whether the process whose number stands in the lock file is there."""
    try:
        os.kill(int(holder), 0)
    except PermissionError:
        return True
    except (ValueError, OverflowError, OSError):
        return False
    return True
