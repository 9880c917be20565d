"""Contents of namespace files that nothing names any more: noted when they are seen, removed when that has lasted.

A content is written in the transaction that names it, and looked at again in the transaction that removes it: none goes
that is in use, whoever writes meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

_UNNAMED = (
    "NOT EXISTS (SELECT 1 FROM files f WHERE f.digest = b.digest) "
    "AND NOT EXISTS (SELECT 1 FROM file_revisions r WHERE r.digest = b.digest)"
)


def unnamed(connection: sqlite3.Connection) -> list[str]:
    """The digests that nothing names."""
    return [row[0] for row in connection.execute(f"SELECT digest FROM blobs b WHERE {_UNNAMED}")]


def noted(connection: sqlite3.Connection) -> list[str]:
    """The digests that were noted as unused before."""
    return [row[0] for row in connection.execute("SELECT digest FROM unused_blobs")]


def collect(connection: sqlite3.Connection, digests: Sequence[str], now_ms: int, grace_ms: int) -> int:
    """Note which of some contents are unused, and remove those that have been for longer than the grace. Returns how
    many went."""
    count = 0
    for digest in digests:
        unused = connection.execute(f"SELECT 1 FROM blobs b WHERE b.digest = ? AND {_UNNAMED}", (digest,)).fetchone()
        if unused is None:
            connection.execute("DELETE FROM unused_blobs WHERE digest = ?", (digest,))
            continue
        connection.execute("INSERT OR IGNORE INTO unused_blobs VALUES (?, ?)", (digest, now_ms))
        due = (digest, now_ms - grace_ms)
        if connection.execute("DELETE FROM unused_blobs WHERE digest = ? AND since_ms <= ?", due).rowcount:
            connection.execute("DELETE FROM blobs WHERE digest = ?", (digest,))
            count += 1
    return count


def sizes(connection: sqlite3.Connection) -> dict[str, int]:
    """The bytes of all contents, `used` and `unused`."""
    (whole,) = connection.execute("SELECT coalesce(sum(length(data)), 0) FROM blobs").fetchone()
    query = "SELECT coalesce(sum(length(data)), 0) FROM blobs JOIN unused_blobs USING (digest)"
    (unused,) = connection.execute(query).fetchone()
    return {"used": whole - unused, "unused": unused}
