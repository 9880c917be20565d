"""Reading connections, one per thread that asks, each seeing one commit for the length of a read."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from flowctl.engine.store.connections import reading
from flowctl.engine.store.problems import StoreError, StoreUnavailable, translate
from flowctl.engine.store.sealed import Seals

T = TypeVar("T")


class Readers:
    """Runs reads on the calling thread."""

    def __init__(self, path: Path, seals: Seals) -> None:
        self._path, self._seals = path, seals
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: list[sqlite3.Connection] = []
        self._closed = False

    def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """What `read` returns; all its statements see the same commit. A read inside a read joins it.

        Raises:
            StoreError: the file cannot be read.
        """
        try:
            connection = self._connection()
            if connection.in_transaction:
                return read(connection)
            connection.execute("BEGIN")
            try:
                return read(connection)
            finally:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise translate(error) or StoreError(str(error)) from error

    def close(self) -> None:
        """Close every connection; later reads fail."""
        with self._lock:
            self._closed = True
            for connection in self._all:
                connection.close()
            self._all.clear()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self._lock:
                if self._closed:
                    raise StoreUnavailable("the server is stopping")
                connection = reading(self._path, self._seals)
                self._all.append(connection)
            self._local.connection = connection
        return connection
