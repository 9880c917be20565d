"""Rows with a sealed column: the database alone says nothing of it.

`key_id` of such a row names the key of the secrets that seals it; it is null where everything stands in clear. What is
sealed is bound to its table and row. Rows are sealed on the writer's thread, with the key that is the current one
there: each is either written before a rotation of the keys, which seals it anew, or with its new key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flowctl.engine.secrets.keyring import Keyring
from flowctl.engine.secrets.sealing import seal, unseal


class Seals:
    """The keys of now; `ring` is set by who has the key file."""

    def __init__(self) -> None:
        self.ring: Callable[[], Keyring] = _no_keys


def _no_keys() -> Keyring:
    return Keyring("", {})


class Connection(sqlite3.Connection):
    """A connection of the store, with what opens sealed rows."""

    seals: Seals


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a column that may be sealed; `bound` tells its rows apart, `key` finds one where that differs."""

    name: str
    column: str
    bound: tuple[str, ...]
    key: tuple[str, ...] = ()

    def place(self, row: Sequence[object]) -> list[str]:
        """What a sealed value is bound to, given the values of `bound`."""
        return [f"column {self.name}.{self.column}", *map(str, row)]


EXECUTIONS = Table("executions", "sealed", ("id",))
TASK_RUNS = Table("task_runs", "sealed", ("execution_id", "position"))
EVENTS = Table("execution_events", "body", ("execution_id",), ("id",))
LOOP_ITEMS = Table("loop_items", "value", ("execution_id", "task_run_id", "position"))
BACKFILLS = Table("triggers", "sealed", ("namespace", "flow_id", "trigger_id"))
MET = Table("trigger_met", "variables", ("namespace", "flow_id", "trigger_id", "dependency"))
TABLES = (EXECUTIONS, TASK_RUNS, EVENTS, LOOP_ITEMS, BACKFILLS, MET)


def close(connection: sqlite3.Connection, table: Table, row: Sequence[object], data: bytes) -> tuple[str, bytes]:
    """The name of the key that seals now, and the sealed bytes."""
    ring = _ring(connection)
    return ring.current, seal(ring.current_key, table.place(row), data)


def opened(
    connection: sqlite3.Connection, table: Table, row: Sequence[object], key_id: str, data: bytes
) -> bytes | None:
    """Sealed bytes in clear; None when their key is not there."""
    key = _ring(connection).keys.get(key_id)
    return None if key is None else unseal(key, table.place(row), data)


def clear(
    connection: sqlite3.Connection, table: Table, row: Sequence[object], key_id: str | None, data: bytes
) -> bytes:
    """Bytes that may be sealed, in clear.

    Raises:
        ServerError: `S311`, their key is not there.
    """
    return data if key_id is None else unseal(_ring(connection).key(key_id), table.place(row), data)


def has_key(connection: sqlite3.Connection, key_id: str) -> bool:
    """Whether what a key seals can be opened."""
    return key_id in _ring(connection).keys


def _ring(connection: sqlite3.Connection) -> Keyring:
    assert isinstance(connection, Connection)
    return connection.seals.ring()
