"""Removing contents that nothing refers to any more: of namespace files, and what a killed server left half written."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from functools import partial
from pathlib import Path

from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.store import Store
from flowctl.engine.store.tables import blobs

AT_ONCE = 100
GRACE = timedelta(days=1)
_PARTIAL = re.compile(r"\.[0-9A-Za-z]{22}\.partial$")


def collect(store: Store, now_ms: int, grace: timedelta = GRACE) -> int:
    """Remove contents of namespace files that nothing has named for a time, a few to a transaction. Returns how many
    went."""
    digests = sorted({*store.read(blobs.unnamed), *store.read(blobs.noted)})
    count, grace_ms = 0, grace // timedelta(milliseconds=1)
    for at in range(0, len(digests), AT_ONCE):
        removal = partial(blobs.collect, digests=digests[at : at + AT_ONCE], now_ms=now_ms, grace_ms=grace_ms)
        count += store.write(removal).result()
    return count


def drop_partial(storage: Storage, now_ms: int, grace: timedelta = GRACE) -> int:
    """Remove files that were begun longer ago than the grace and have not taken their place. Returns how many went."""
    count, before = 0, now_ms / 1000 - grace.total_seconds()
    for directory, _, names in os.walk(storage.root):
        for name in names:
            if _PARTIAL.search(name) and _older(Path(directory, name), before):
                count += 1
    return count


def _older(path: Path, before: float) -> bool:
    """Whether a file was there that was written before a time (seconds since 1970); it is gone now."""
    try:
        if path.stat().st_mtime >= before:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True
