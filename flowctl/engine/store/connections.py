"""Opening SQLite connections the way the store needs them."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from flowctl.engine.store.sealed import Connection, Seals

BUSY_MS = 5000
CHECKPOINT_PAGES = 4000


def writing(path: Path, seals: Seals) -> sqlite3.Connection:
    """The one connection that writes: WAL, and every commit is on disk before it returns (`synchronous=FULL`)."""
    connection = _open(path.as_uri(), seals)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    return connection


def reading(path: Path, seals: Seals) -> sqlite3.Connection:
    """A connection that cannot write; it sees the last commit and never waits for the writer."""
    connection = _open(path.as_uri() + "?mode=rw", seals)
    connection.execute("PRAGMA query_only=ON")
    connection.create_function("regexp", 2, _regexp, deterministic=True)
    return connection


def _regexp(pattern: str, text: str | None) -> bool:
    """`text REGEXP pattern`: the whole text, as Java's `matches`. The API lets only harmless patterns through."""
    return text is not None and re.fullmatch(pattern, text) is not None


def _open(uri: str, seals: Seals) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256, factory=Connection
    )
    connection.seals = seals
    connection.row_factory = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection
