"""Removing the files of deleted executions. Their rows went before, in one transaction that names the folders: one that
is restarted at this moment is either not deleted, or not there any more, and a server that is killed in between goes on
at its next start."""

from __future__ import annotations

from collections.abc import Iterable

from flowctl.engine.executor.records.storage import ASIDE, Storage
from flowctl.engine.store import Store
from flowctl.engine.store.tables import doomed

AT_ONCE = 100


def empty(store: Store, storage: Storage, folders: Iterable[str]) -> int:
    """Remove folders that a transaction has named. Returns how many files went."""
    wanted = list(folders)
    count = sum(len(storage.purge(folder)) for folder in wanted)
    done = [folder for folder in wanted if not storage.holds(folder)]
    if done:
        store.write(lambda connection: doomed.gone(connection, done)).result()
    return count


def empty_left(store: Store, storage: Storage) -> int:
    """Remove what an earlier process has left. Returns how many files went."""
    return len(storage.purge(ASIDE)) + empty(store, storage, store.read(lambda c: doomed.some(c, AT_ONCE)))
