"""The encrypted store of secrets, by namespace; a namespace also sees those of the namespaces above it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flowctl.engine.secrets import keyring, rows
from flowctl.engine.secrets.boxes import Box
from flowctl.engine.secrets.keyring import Keyring
from flowctl.engine.secrets.sealing import seal, unseal
from flowctl.engine.store import Store

FILE_NAME = "secrets.key"


@dataclass(frozen=True, slots=True)
class Entry:
    """A secret without its value. Times in milliseconds since 1970."""

    namespace: str
    key: str
    description: str | None
    created_ms: int
    updated_ms: int


class Vault:
    """Seals with AES-256-GCM; namespace and key are bound to the value, so that rows cannot be swapped.

    `learned` is told each value that becomes known, so that it is hidden from then on.
    """

    def __init__(self, store: Store, directory: Path, learned: Callable[[str], None]) -> None:
        self._store, self._path, self._learned = store, directory / FILE_NAME, learned
        self._ring: Keyring | None = None
        self._saved: Keyring | None = None
        self._loading, self._rotating = threading.Lock(), threading.Lock()
        store.seals.ring = self._keys

    def begin(self) -> None:
        """Have the keys at hand, where there are any yet, and seal what an older flowctl has stored in clear.

        Raises:
            ServerError: `S311`, the key file cannot be used.
        """
        if self._path.exists():
            self._keys()
        rows.adopt(self._store)

    def box(self) -> Box:
        """Seals what is kept in files for a while."""
        return Box(self._keys().current_key)

    def learn_all(self) -> None:
        """Tell every stored value: after a start nothing of it may be shown either."""
        for namespace, key, key_id, sealed in self._store.read(_sealed_rows):
            self._learned(self._open(namespace, key, key_id, sealed))

    def put(self, namespace: str, key: str, value: str, description: str | None = None) -> None:
        """Store a secret; durable when it returns."""
        now = self._store.now_ms
        self._learned(value)

        def write(connection: sqlite3.Connection) -> None:  # a rotation that is under way seals it anew, or came first
            ring = self._keys()
            sealed = seal(ring.current_key, (namespace, key), value.encode())
            _put(connection, (namespace, key, ring.current, sealed, description, now, now))

        self._store.write(write).result()

    def describe(self, namespace: str, key: str, description: str | None) -> bool:
        """Give a secret another description, or none; its value stays. Whether there was one."""
        now = self._store.now_ms
        return self._store.write(lambda connection: _describe(connection, namespace, key, description, now)).result()

    def get(self, namespace: str, key: str) -> str | None:
        """A secret of the namespace or the nearest one above it; None when there is none."""
        for place in _upwards(namespace):
            value = self._read(place, key)
            if value is not None:
                self._learned(value)
                return value
        return None

    def _read(self, namespace: str, key: str) -> str | None:
        found = self._store.read(lambda connection: _sealed_row(connection, namespace, key))
        return None if found is None else self._open(namespace, key, *found)

    def delete(self, namespace: str, key: str) -> bool:
        """Whether there was one."""
        return self._store.write(lambda connection: _delete(connection, namespace, key)).result()

    def entries(self) -> list[Entry]:
        """All secrets without their values, sorted."""
        return self._store.read(_entries)

    def inherited(self, namespace: str) -> dict[str, list[str]]:
        """The names that a namespace sees, by the namespace they are stored in."""
        found: dict[str, list[str]] = {}
        places = list(_upwards(namespace))
        for entry in self.entries():
            if entry.namespace in places:
                found.setdefault(entry.namespace, []).append(entry.key)
        return found

    def rotate(self) -> int:
        """Seal everything with a new key and forget the old ones; returns how many secrets there are. A crash in
        between loses nothing: the file holds both keys until everything is sealed anew, rows of executions included."""
        with self._rotating:
            held = self._keys()
            ring = (self._saved or held).with_new_key()
            keyring.save(self._path, ring)
            self._saved, self._ring = ring, ring.knowing(held)
            count = self._store.write(lambda connection: _reseal(connection, ring)).result()
            rows.reseal(self._store, ring)
            self._saved = ring.only_current()
            keyring.save(self._path, self._saved)
            return count

    def _open(self, namespace: str, key: str, key_id: str, sealed: bytes) -> str:
        return unseal(self._keys().key(key_id), (namespace, key), sealed).decode()

    def _keys(self) -> Keyring:
        """The keys of now, also for the writer's thread, on which nothing waits for a rotation: that waits for it. Keys
        that are rotated out stay known, for what was read before."""
        held = self._ring
        if held is not None:
            return held
        with self._loading:
            if self._ring is None:
                self._ring = self._saved = keyring.load(self._path)
            return self._ring


def _upwards(namespace: str) -> Iterator[str]:
    parts = namespace.split(".")
    for count in range(len(parts), 0, -1):
        yield ".".join(parts[:count])


def _sealed_rows(connection: sqlite3.Connection) -> list[tuple[str, str, str, bytes]]:
    return connection.execute("SELECT namespace, key, key_id, sealed FROM secrets").fetchall()


def _sealed_row(connection: sqlite3.Connection, namespace: str, key: str) -> tuple[str, bytes] | None:
    row = connection.execute(
        "SELECT key_id, sealed FROM secrets WHERE namespace = ? AND key = ?", (namespace, key)
    ).fetchone()
    return (str(row[0]), bytes(row[1])) if row else None


def _put(connection: sqlite3.Connection, row: tuple[object, ...]) -> None:
    connection.execute(
        "INSERT INTO secrets VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET key_id = excluded.key_id, "
        "sealed = excluded.sealed, description = excluded.description, updated_ms = excluded.updated_ms",
        row,
    )


def _describe(connection: sqlite3.Connection, namespace: str, key: str, description: str | None, now: int) -> bool:
    changed = connection.execute(
        "UPDATE secrets SET description = ?, updated_ms = ? WHERE namespace = ? AND key = ?",
        (description, now, namespace, key),
    )
    return changed.rowcount == 1


def _delete(connection: sqlite3.Connection, namespace: str, key: str) -> bool:
    return connection.execute("DELETE FROM secrets WHERE namespace = ? AND key = ?", (namespace, key)).rowcount == 1


def _entries(connection: sqlite3.Connection) -> list[Entry]:
    rows = connection.execute(
        "SELECT namespace, key, description, created_ms, updated_ms FROM secrets ORDER BY namespace, key"
    )
    return [Entry(*row) for row in rows]


def _reseal(connection: sqlite3.Connection, ring: Keyring) -> int:
    rows = _sealed_rows(connection)
    for namespace, key, key_id, sealed in rows:
        value = unseal(ring.key(key_id), (namespace, key), sealed)
        connection.execute(
            "UPDATE secrets SET key_id = ?, sealed = ? WHERE namespace = ? AND key = ?",
            (ring.current, seal(ring.current_key, (namespace, key), value), namespace, key),
        )
    return len(rows)
