"""Key-values and namespace files as tasks and expressions use them, over the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

from flowctl.engine.executor.records.durations import micros
from flowctl.engine.executor.records.storage import NoSuchFile
from flowctl.engine.executor.records.times import micros_of
from flowctl.engine.plugins.protocol import TaskFailure
from flowctl.engine.store import Store
from flowctl.engine.store.tables import files, key_values, versions
from flowctl.language.durations import read_duration
from flowctl.language.expressions.values import Instant


class StoreKeyValues:
    """Implements `flowctl.engine.plugins.protocol.KeyValues`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, namespace: str, key: str, *, inherited: bool = False) -> object | None:
        """The value, None when there is none or its time is over; `inherited` asks the namespaces above too."""
        row = self._living(namespace, key, inherited)
        if row is None:
            return None
        value = row.plain()
        if row.type == "DURATION" and isinstance(value, str):
            return micros(value) / 1_000_000
        return value

    def typed(self, namespace: str, key: str, *, inherited: bool = False) -> object | None:
        """The value as expressions see it: dates, instants and durations as such. None when there is none."""
        row = self._living(namespace, key, inherited)
        if row is None:
            return None
        value = row.plain()
        read = _READ.get(row.type)
        return read(value) if read is not None and isinstance(value, str) else value

    def _living(self, namespace: str, key: str, inherited: bool) -> key_values.KvRow | None:
        """The pair of the namespace, else that of the nearest above."""
        now = self._store.now_ms
        while namespace:
            row = self._store.read(partial(key_values.get, namespace=namespace, key=key))
            if row is not None and not row.expired(now):
                return row
            namespace = namespace.rpartition(".")[0] if inherited else ""
        return None

    def exists(self, namespace: str) -> bool:
        """Whether there is such a namespace: a flow, a pair or a file in it or below it."""
        return self._store.read(lambda connection: namespace_exists(connection, namespace))

    def set(
        self,
        namespace: str,
        key: str,
        value: object,
        *,
        kind: str | None,
        overwrite: bool,
        ttl: int | None,
        description: str | None,
    ) -> None:
        """Write a pair.

        Raises:
            TaskFailure: the key is there and may not be overwritten.
        """
        now = self._store.now_ms
        found_kind = kind or kind_of(value)

        def write(connection: sqlite3.Connection) -> None:
            before = key_values.get(connection, namespace, key)
            if before is not None and not before.expired(now) and not overwrite:
                raise TaskFailure(
                    f"Cannot set value for key '{key}'. Key already exists and `overwrite` is set to `false`."
                )
            ttl_ms = None if ttl is None else ttl // 1000
            key_values.put(connection, namespace, key, found_kind, value, now, ttl_ms=ttl_ms, description=description)

        self._store.write(write).result()

    def delete(self, namespace: str, key: str) -> bool:
        """Remove a pair, even one whose time is over (seen on a real 2.0). False when there was none."""
        return bool(self._store.write(lambda c: key_values.delete(c, namespace, [key], None)).result())

    def keys(self, namespace: str, prefix: str) -> list[str]:
        """The living keys that begin so."""
        now = self._store.now_ms
        rows = self._store.read(lambda connection: key_values.in_namespaces(connection, [namespace], now))
        return [row.key for row in rows if row.key.startswith(prefix)]

    def purge(self, wanted: Callable[[str, str], bool], *, expired_only: bool) -> int:
        """Remove the pairs whose namespace and key are wanted. Returns how many."""
        now = self._store.now_ms
        return self._store.write(
            lambda connection: key_values.purge_some(connection, wanted, now, expired_only)
        ).result()


def kind_of(value: object) -> str:
    """The type under which a value is kept when none was named."""
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int | float):
        return "NUMBER"
    if isinstance(value, datetime):
        return "DATETIME"
    return "STRING" if isinstance(value, str) else "JSON"


def _instant(text: str) -> object:
    moment = datetime.fromisoformat(text)
    at = micros_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return Instant(at // 1_000_000, at % 1_000_000 * 1000)


_READ: dict[str, Callable[[str], object]] = {
    "DATE": date.fromisoformat,
    "DATETIME": _instant,
    "DURATION": read_duration,
}


def namespace_exists(connection: sqlite3.Connection, namespace: str) -> bool:
    """Whether anything lives in a namespace or below it."""
    for table in ("flows", "key_values", "files"):
        row = connection.execute(
            f"SELECT 1 FROM {table} WHERE namespace = ? OR substr(namespace, 1, length(?) + 1) = ? || '.' LIMIT 1",
            (namespace, namespace, namespace),
        ).fetchone()
        if row:
            return True
    return False


class StoreFiles:
    """Implements `flowctl.engine.plugins.protocol.NamespaceFiles`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self, namespace: str) -> list[str]:
        """The paths of all files."""
        rows = self._store.read(lambda connection: files.below(connection, namespace, files.ROOT))
        return [row.path for row in rows if not row.directory]

    def read(self, namespace: str, path: str) -> bytes:
        """A file's bytes.

        Raises:
            NoSuchFile: there is none.
        """
        data = self._store.read(lambda connection: files.read(connection, namespace, path))
        if data is None:
            raise NoSuchFile(f"File '{path}' was not found in namespace '{namespace}'.")
        return data

    def write(self, namespace: str, path: str, data: bytes) -> None:
        """Write a file."""
        now = self._store.now_ms
        self._store.write(lambda connection: files.put(connection, namespace, path, data, now)).result()

    def delete(self, namespace: str, path: str) -> bool:
        """Remove a file. False when there was none."""
        now = self._store.now_ms
        return self._store.write(lambda connection: files.delete(connection, namespace, path, now)).result()

    def purge(self, wanted: Callable[[str, str], bool], *, keep: int | None, before: int | None) -> int:
        """Remove versions of the files whose namespace and path are wanted. Returns how many."""
        now, before_ms = self._store.now_ms, None if before is None else before // 1000
        return self._store.write(lambda connection: versions.purge(connection, wanted, keep, before_ms, now)).result()
