"""The store as the rest of the engine sees it: open, write, read, close."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from flowctl.engine.observing import Histogram
from flowctl.engine.store import connections, migrating
from flowctl.engine.store.faults import Faults
from flowctl.engine.store.identity import ensure_identity
from flowctl.engine.store.ownership import Ownership
from flowctl.engine.store.problems import StoreError, translate
from flowctl.engine.store.readers import Readers
from flowctl.engine.store.sealed import Seals
from flowctl.engine.store.writer import Writer

T = TypeVar("T")
Clock = Callable[[], datetime]

FILE_NAME = "flowctl.db"


def utc_now() -> datetime:
    """The clock outside tests."""
    return datetime.now(UTC)


class Store:
    """An open store. `path` is the database file, `uuid` the server's lasting identity; `seals` has the keys of sealed
    rows."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        owner: Ownership,
        connection: sqlite3.Connection,
        faults: Faults,
        uuid: str,
        seals: Seals,
    ) -> None:
        self.path, self.clock, self.uuid, self.seals = path, clock, uuid, seals
        self._owner, self._connection = owner, connection
        self._writer, self._readers = Writer(connection, faults), Readers(path, seals)

    @classmethod
    def open(cls, directory: Path, clock: Clock = utc_now, environ: Mapping[str, str] = os.environ) -> Store:
        """Open the store in a directory, made when it is not there, and bring it to this version.

        Raises:
            StoreBusy: another process has it open.
            StoreTooNew: a newer flowctl wrote it.
            StoreError: it cannot be read or written.
        """
        directory = directory.absolute()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = Ownership(directory)
        path = directory / FILE_NAME
        try:
            path.touch(mode=0o600)
            path.chmod(0o600)  # SQLite makes its other files with the mode of this one
            seals = Seals()
            connection = _prepare(path, seals)
            faults = Faults.from_environ(environ)
            return cls(path, clock, owner, connection, faults, ensure_identity(connection), seals)
        except sqlite3.Error as error:
            owner.release()
            raise translate(error) or StoreError(str(error)) from error
        except BaseException:
            owner.release()
            raise

    @property
    def commits(self) -> Histogram:
        """How long the writer's transactions take, in seconds."""
        return self._writer.commits

    @property
    def now_ms(self) -> int:
        """The store's clock as milliseconds since 1970, the form in which times are kept."""
        return int(self.clock().timestamp() * 1000)

    def write(self, write: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Queue a write. The future is resolved after the commit is on disk.

        `write` runs on the writer's thread, inside a transaction it must not end; whatever it raises undoes its own
        work only and is the future's exception.
        """
        return self._writer.submit(write)

    async def awrite(self, write: Callable[[sqlite3.Connection], T]) -> T:
        """`write`, awaited, on behalf of a request."""
        return await asyncio.wrap_future(self._writer.submit(write, requested=True))

    def read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read on this thread, on the last commit, without waiting for the writer."""
        return self._readers.run(read)

    async def aread(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """A read that may take long, on a thread of its own."""
        return await asyncio.to_thread(self._readers.run, read)

    def close(self) -> None:
        """Finish queued writes, close everything, give the directory up. Twice is fine."""
        self._writer.close()
        self._readers.close()
        self._connection.close()
        self._owner.release()


def _prepare(path: Path, seals: Seals) -> sqlite3.Connection:
    connection = connections.writing(path, seals)
    try:
        migrating.migrate(connection, path, migrating.migrations())
    except BaseException:
        connection.close()
        raise
    return connection
