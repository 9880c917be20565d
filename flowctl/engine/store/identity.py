"""What makes a store this store: made once, kept for ever."""

from __future__ import annotations

import sqlite3
import uuid


def ensure_identity(connection: sqlite3.Connection) -> str:
    """The store's UUID, made on first use."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'uuid'").fetchone()
    if row:
        return str(row[0])
    made = str(uuid.uuid4())
    connection.execute("INSERT INTO meta (key, value) VALUES ('uuid', ?)", (made,))
    return made
