"""Why the store cannot do what was asked, told apart by what a caller can do about it."""

from __future__ import annotations

import sqlite3

from flowctl.errors import ServerError

_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BROKEN = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
}


class StoreError(Exception):
    """The store failed; nothing of the failed write was kept. `str()` may be shown to a client."""


class StoreFull(StoreError):
    """No room on the disk."""


class StoreUnavailable(StoreError):
    """The file cannot be read or written now: read-only, locked, damaged, or the server is stopping."""


class StoreDamaged(StoreUnavailable):
    """What the file holds is no database of SQLite, or not any more."""


class StoreBusy(ServerError):
    """Another process owns the store's directory."""


class StoreTooNew(ServerError):
    """The store was written by a newer flowctl."""


def translate(error: sqlite3.Error) -> StoreError | None:
    """The store's own error for what SQLite reports of disk and file; None when the statement itself was wrong."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _FULL:
        return StoreFull(f"the disk that holds the store is full ({error})")
    if primary in _DAMAGED:
        return StoreDamaged(f"the store cannot be used now ({error})")
    if primary in _BROKEN:
        return StoreUnavailable(f"the store cannot be used now ({error})")
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error).lower():
        return StoreUnavailable("the store is closed")
    return None
