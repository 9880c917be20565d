"""What the disk does: the time of one fsync bounds every durable write."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.measuring import Sample, say, timed

WRITES = 200


def run(directory: Path) -> None:
    """Print how long a 4 kB write with fsync takes here."""
    print("Disk")
    path = directory / "fsync-probe"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        values = [timed(lambda: _durable(handle)) * 1000 for _ in range(WRITES)]
    finally:
        os.close(handle)
        path.unlink()
    say("write of 4 kB with fsync", Sample(tuple(values), "ms"))


def _durable(handle: int) -> None:
    os.write(handle, b"x" * 4096)
    os.fsync(handle)
