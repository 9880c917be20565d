"""Removing versions of namespace files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import groupby

from flowctl.engine.store.tables import files

Version = tuple[str, str, int, int]


def purge(
    connection: sqlite3.Connection,
    wanted: Callable[[str, str], bool],
    keep: int | None,
    before_ms: int | None,
    now_ms: int,
) -> int:
    """Remove versions of the files whose namespace and path are wanted; returns how many.

    All but the newest `keep` go, or those written before a time; the version in force goes only when none is kept, and
    its file with it.
    """
    rows = connection.execute(
        "SELECT namespace, path, revision, written_ms FROM file_revisions WHERE digest IS NOT NULL "
        "ORDER BY namespace, path, revision DESC"
    ).fetchall()
    gone: list[Version] = []
    for (namespace, path), versions in groupby(rows, key=lambda row: (row[0], row[1])):
        if wanted(namespace, path):
            gone += _doomed(connection, namespace, path, list(versions), keep, before_ms, now_ms)
    connection.executemany(
        "DELETE FROM file_revisions WHERE namespace = ? AND path = ? AND revision = ?", [row[:3] for row in gone]
    )
    return len(gone)


def _doomed(
    connection: sqlite3.Connection,
    namespace: str,
    path: str,
    newest_first: list[Version],
    keep: int | None,
    before_ms: int | None,
    now_ms: int,
) -> list[Version]:
    if keep is not None:
        if keep == 0:
            files.delete(connection, namespace, path, now_ms)
        return newest_first[keep:]
    here = files.find(connection, namespace, path)
    in_force = here.revision if here is not None else None
    return [row for row in newest_first if row[2] != in_force and row[3] < (before_ms or 0)]
