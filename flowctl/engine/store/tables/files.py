"""Namespace files: a tree of paths over contents kept once by digest, changed in the same transactions as all else."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from flowctl.flowtext.digests import bytes_digest

ROOT = "/"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file, or a directory (`digest` None). `path` begins with a slash; times in milliseconds since 1970."""

    namespace: str
    path: str
    digest: str | None
    size: int
    revision: int
    created_ms: int
    modified_ms: int

    @property
    def directory(self) -> bool:
        """Whether it holds other files rather than bytes."""
        return self.digest is None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class NotPossible(Exception):
    """A path that cannot be written: a file stands where a directory is needed, or the other way round."""


_COLUMNS = "namespace, path, digest, size, revision, created_ms, modified_ms"


def parent_of(path: str) -> str:
    """The directory of a path; the root's is the root."""
    return path.rpartition("/")[0] or ROOT


def find(connection: sqlite3.Connection, namespace: str, path: str) -> FileRow | None:
    """The file or directory at a path."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM files WHERE namespace = ? AND path = ?", (namespace, path)
    ).fetchone()
    return FileRow(*row) if row else None


def read(connection: sqlite3.Connection, namespace: str, path: str, revision: int | None = None) -> bytes | None:
    """A file's bytes, of an earlier revision where one is named; None when there are none."""
    table = "files" if revision is None else "file_revisions"
    query = f"SELECT data FROM {table} JOIN blobs USING (digest) WHERE namespace = ? AND path = ?"
    values: tuple[object, ...] = (namespace, path)
    if revision is not None:
        query, values = query + " AND revision = ?", (*values, revision)
    row = connection.execute(query, values).fetchone()
    return bytes(row[0]) if row else None


def children(connection: sqlite3.Connection, namespace: str, path: str) -> list[FileRow]:
    """What a directory holds, one level, by path."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM files WHERE namespace = ? AND parent = ? AND path <> '/' ORDER BY path",
        (namespace, path),
    )
    return [FileRow(*row) for row in rows]


def below(connection: sqlite3.Connection, namespace: str, path: str) -> list[FileRow]:
    """A path and everything under it, parents first."""
    prefix = "/" if path == ROOT else path + "/"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM files WHERE namespace = ? AND (path = ? OR substr(path, 1, ?) = ?) ORDER BY path",
        (namespace, path, len(prefix), prefix),
    )
    return [FileRow(*row) for row in rows if row[1] != ROOT]


def revisions(connection: sqlite3.Connection, namespace: str, path: str) -> list[int]:
    """The revisions of a path that can be read, ascending."""
    rows = connection.execute(
        "SELECT revision FROM file_revisions WHERE namespace = ? AND path = ? AND digest IS NOT NULL ORDER BY revision",
        (namespace, path),
    )
    return [row[0] for row in rows]


def put(connection: sqlite3.Connection, namespace: str, path: str, data: bytes, now_ms: int) -> FileRow:
    """Write a file; its directories are made. The same bytes again change nothing but the date.

    Raises:
        NotPossible: a directory has this path, or a file stands where a directory is needed.
    """
    before = find(connection, namespace, path)
    if before and before.directory:
        raise NotPossible(f"{path} is a directory")
    make_directory(connection, namespace, parent_of(path), now_ms)
    digest = bytes_digest(data)
    connection.execute("INSERT OR IGNORE INTO blobs (digest, data) VALUES (?, ?)", (digest, data))
    revision = _next_revision(connection, namespace, path, before, digest)
    row = FileRow(namespace, path, digest, len(data), revision, before.created_ms if before else now_ms, now_ms)
    _store(connection, row)
    connection.execute(
        "INSERT OR REPLACE INTO file_revisions (namespace, path, revision, digest, written_ms) VALUES (?, ?, ?, ?, ?)",
        (namespace, path, revision, digest, now_ms),
    )
    return row


def _next_revision(
    connection: sqlite3.Connection, namespace: str, path: str, before: FileRow | None, digest: str
) -> int:
    if before and before.digest == digest:
        return before.revision
    (highest,) = connection.execute(
        "SELECT max(revision) FROM file_revisions WHERE namespace = ? AND path = ?", (namespace, path)
    ).fetchone()
    return int(highest or 0) + 1


def make_directory(connection: sqlite3.Connection, namespace: str, path: str, now_ms: int) -> None:
    """Make a directory and those above it.

    Raises:
        NotPossible: a file stands there.
    """
    missing = []
    while path != ROOT:
        found = find(connection, namespace, path)
        if found and not found.directory:
            raise NotPossible(f"{path} is a file")
        if found:
            break
        missing.append(path)
        path = parent_of(path)
    for new in missing:
        _store(connection, FileRow(namespace, new, None, 0, 0, now_ms, now_ms))


def delete(connection: sqlite3.Connection, namespace: str, path: str, now_ms: int) -> bool:
    """Remove a file, or a directory with all it holds, then parents left empty. False when nothing was there."""
    rows = below(connection, namespace, path)
    for row in rows:
        _remove(connection, row, now_ms)
    parent = parent_of(path)
    while rows and parent != ROOT and not children(connection, namespace, parent):
        connection.execute("DELETE FROM files WHERE namespace = ? AND path = ?", (namespace, parent))
        parent = parent_of(parent)
    return bool(rows)


def move(connection: sqlite3.Connection, namespace: str, source: str, target: str, now_ms: int) -> bool:
    """Move a file or directory; False when there is none.

    Raises:
        NotPossible: the target is inside the source, or is a directory where a file would go (or the reverse).
    """
    if target == source:
        return find(connection, namespace, source) is not None
    if target.startswith(source + "/"):
        raise NotPossible(f"{target} is inside {source}")
    rows = below(connection, namespace, source)
    for row in rows:
        place = target + row.path[len(source) :]
        if row.directory:
            make_directory(connection, namespace, place, now_ms)
        else:
            put(connection, namespace, place, read(connection, namespace, row.path) or b"", now_ms)
    for row in rows:
        _remove(connection, row, now_ms)
    return bool(rows)


def _store(connection: sqlite3.Connection, row: FileRow) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO files ({_COLUMNS}, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.namespace,
            row.path,
            row.digest,
            row.size,
            row.revision,
            row.created_ms,
            row.modified_ms,
            parent_of(row.path),
        ),
    )


def _remove(connection: sqlite3.Connection, row: FileRow, now_ms: int) -> None:
    connection.execute("DELETE FROM files WHERE namespace = ? AND path = ?", (row.namespace, row.path))
    if not row.directory:
        connection.execute(
            "INSERT INTO file_revisions (namespace, path, revision, digest, written_ms) VALUES (?, ?, ?, NULL, ?)",
            (row.namespace, row.path, row.revision + 1, now_ms),
        )
