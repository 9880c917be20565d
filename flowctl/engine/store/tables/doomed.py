"""Folders of files that are to go: named by the transaction that deletes their executions, removed after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def add(connection: sqlite3.Connection, folders: Iterable[str]) -> None:
    """The files of these folders belong to nothing any more."""
    connection.executemany("INSERT OR IGNORE INTO doomed_folders VALUES (?)", [(folder,) for folder in folders])


def some(connection: sqlite3.Connection, most: int) -> list[str]:
    """Folders whose files are still to go."""
    return [row[0] for row in connection.execute("SELECT folder FROM doomed_folders LIMIT ?", (most,))]


def gone(connection: sqlite3.Connection, folders: Iterable[str]) -> None:
    """The files of these folders are gone."""
    connection.executemany("DELETE FROM doomed_folders WHERE folder = ?", [(folder,) for folder in folders])
