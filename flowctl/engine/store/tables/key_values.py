"""Key-value pairs. Values are kept as JSON text; a pair whose time is over counts as gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flowctl.engine.store.jsontext import dump, load
from flowctl.flowtext.digests import kv_digest


@dataclass(frozen=True, slots=True)
class KvRow:
    """One pair. `value` is JSON text; times in milliseconds since 1970."""

    namespace: str
    key: str
    type: str
    value: str = field(repr=False)
    digest: str
    revision: int
    description: str | None
    created_ms: int
    updated_ms: int
    expires_ms: int | None

    def expired(self, now_ms: int) -> bool:
        """Whether its time is over."""
        return self.expires_ms is not None and self.expires_ms <= now_ms

    def plain(self) -> object:
        """The value itself."""
        return load(self.value)


COLUMNS = "namespace, key, type, value, digest, revision, description, created_ms, updated_ms, expires_ms"


def get(connection: sqlite3.Connection, namespace: str, key: str) -> KvRow | None:
    """The pair, expired or not."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM key_values WHERE namespace = ? AND key = ?", (namespace, key)
    ).fetchone()
    return KvRow(*row) if row else None


def put(
    connection: sqlite3.Connection,
    namespace: str,
    key: str,
    kind: str,
    value: object,
    now_ms: int,
    *,
    ttl_ms: int | None = None,
    description: str | None = None,
) -> KvRow:
    """Write a pair; an earlier one gives its creation date and, counted up, its revision. One whose time is over gives
    the revision alone."""
    found = get(connection, namespace, key)
    before = None if found is not None and found.expired(now_ms) else found
    row = KvRow(
        namespace=namespace,
        key=key,
        type=kind,
        value=dump(value).decode(),
        digest=kv_digest(kind, value),
        revision=found.revision + 1 if found else 1,
        description=description if description is not None or not before else before.description,
        created_ms=before.created_ms if before else now_ms,
        updated_ms=now_ms,
        expires_ms=now_ms + ttl_ms if ttl_ms is not None else None,
    )
    connection.execute(
        f"INSERT OR REPLACE INTO key_values ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(getattr(row, name) for name in COLUMNS.split(", ")),
    )
    return row


def delete(connection: sqlite3.Connection, namespace: str, keys: Iterable[str], now_ms: int | None) -> list[str]:
    """Remove pairs; returns those that were there and not expired, or for None those that were there at all."""
    gone = []
    for key in keys:
        row = get(connection, namespace, key)
        if row:
            connection.execute("DELETE FROM key_values WHERE namespace = ? AND key = ?", (namespace, key))
            if now_ms is None or not row.expired(now_ms):
                gone.append(key)
    return gone


def in_namespaces(connection: sqlite3.Connection, namespaces: Iterable[str], now_ms: int) -> list[KvRow]:
    """The living pairs of exactly these namespaces, by namespace and key."""
    rows: list[KvRow] = []
    for namespace in namespaces:
        found = connection.execute(
            f"SELECT {COLUMNS} FROM key_values WHERE namespace = ? AND (expires_ms IS NULL OR expires_ms > ?) "
            "ORDER BY key",
            (namespace, now_ms),
        )
        rows += [KvRow(*row) for row in found]
    return rows


def purge(connection: sqlite3.Connection, now_ms: int) -> int:
    """Remove what expired; returns how many."""
    return connection.execute("DELETE FROM key_values WHERE expires_ms <= ?", (now_ms,)).rowcount


def purge_some(
    connection: sqlite3.Connection, wanted: Callable[[str, str], bool], now_ms: int, expired_only: bool
) -> int:
    """Remove the pairs whose namespace and key are wanted, or only those that expired; returns how many."""
    rows = connection.execute(
        "SELECT namespace, key FROM key_values WHERE NOT ? OR expires_ms <= ?", (expired_only, now_ms)
    )
    gone = [(namespace, key) for namespace, key in rows if wanted(namespace, key)]
    connection.executemany("DELETE FROM key_values WHERE namespace = ? AND key = ?", gone)
    return len(gone)
