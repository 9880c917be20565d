"""Values of SECRET inputs, sealed beside the records of executions, which have `******` in their place.

They are sealed on the writer's thread, with the key that is the current one there: a row is either written before a
rotation of the keys, which seals it anew, or with its new key.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable

from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.secretinputs import SECRETS, Found, put_back, texts_at, values_of
from flowctl.engine.secrets.keyring import Keyring
from flowctl.engine.secrets.sealing import seal, unseal
from flowctl.engine.store import Store, executions

AT_ONCE = 200
"""Rows to a transaction: requests and turns wait for the one writer meanwhile."""
Write = Callable[[sqlite3.Connection], object]
Row = tuple[str, str, bytes]
"""Owner, name of the key, sealed values."""


class SealedInputs:
    """`ring` gives the keys of now, read from their file at first; `held` those that were read, for the writer's
    thread."""

    def __init__(self, store: Store, ring: Callable[[], Keyring], held: Callable[[], Keyring]) -> None:
        self._store, self._ring, self._held = store, ring, held

    def keep(self, execution: Execution) -> None:
        """Have the values of a new execution stored with it; nothing of them is in its own row."""
        found = {"": texts_at(execution.memo.get(SECRETS), execution.inputs)}
        found |= {run.id: texts_at(run.memo.get(SECRETS), run.outputs) for run in execution.runs.values()}
        execution.beside = [self._keeping(execution.id, owner, texts) for owner, texts in found.items() if texts]

    def kept(self, execution_id: str, run: TaskRun) -> Write | None:
        """The write that stores what a task run was given; None when nothing of it is secret."""
        texts = texts_at(run.memo.get(SECRETS), run.outputs)
        return self._keeping(execution_id, run.id, texts) if texts else None

    def fill(self, execution: Execution) -> None:
        """Put the values back into records that were read."""
        if SECRETS not in execution.memo and all(SECRETS not in run.memo for run in execution.runs.values()):
            return
        for owner, texts in self._opened(execution.id):
            run = execution.runs.get(owner)
            if not owner:
                put_back(execution.inputs, texts)
            elif run is not None:
                put_back(run.outputs, texts)

    def values(self, execution_id: str) -> list[str]:
        """The values of an execution that are secret."""
        return [value for _, texts in self._opened(execution_id) for value in values_of(texts)]

    def adopt(self) -> int:
        """Seal what an older flowctl has stored as it was given; returns how many executions had such values."""
        count = 0
        while self._store.read(_waiting):
            self._ring()
            count += self._store.write(self._adopt).result()
        return count

    def reseal(self, ring: Keyring) -> None:
        """Seal everything with the current key of a ring, a few rows to a transaction."""
        while self._store.write(lambda connection: _reseal(connection, ring)).result():
            pass

    def _keeping(self, execution_id: str, owner: str, texts: Found) -> Write:
        self._ring()  # made or read here, where waiting is fine

        def write(connection: sqlite3.Connection) -> None:
            _put(connection, self._held(), execution_id, owner, texts)

        return write

    def _opened(self, execution_id: str) -> list[tuple[str, Found]]:
        for _ in range(2):
            rows = self._store.read(lambda connection: _rows(connection, execution_id))
            ring = self._ring() if rows else None
            if ring is None or all(key_id in ring.keys for _, key_id, _ in rows):
                break  # else they were sealed anew between the two
        return [(owner, _open(ring, execution_id, owner, key_id, data)) for owner, key_id, data in rows if ring]

    def _adopt(self, connection: sqlite3.Connection) -> int:
        connection.execute("PRAGMA secure_delete = ON")
        count, ring = 0, self._held()
        for id_ in _waiting(connection):
            found = executions.read(connection, id_)
            if found is not None:
                count += _adopt_one(connection, ring, found)
            connection.execute("DELETE FROM unsealed WHERE execution_id = ?", (id_,))
        connection.execute("PRAGMA secure_delete = OFF")
        return count


def _adopt_one(connection: sqlite3.Connection, ring: Keyring, execution: Execution) -> bool:
    texts = texts_at(execution.memo.get(SECRETS), execution.inputs)
    if texts:
        _put(connection, ring, execution.id, "", texts)
        executions.rewrite(connection, execution)
    runs = [run for run in execution.runs.values() if texts_at(run.memo.get(SECRETS), run.outputs)]
    for run in runs:
        _put(connection, ring, execution.id, run.id, texts_at(run.memo.get(SECRETS), run.outputs))
    executions.put_runs(connection, execution.id, runs)
    return bool(texts or runs)


def _place(execution_id: str, owner: str) -> tuple[str, str]:
    return f"execution {execution_id}", owner


def _open(ring: Keyring, execution_id: str, owner: str, key_id: str, sealed: bytes) -> Found:
    found: Found = json.loads(unseal(ring.key(key_id), _place(execution_id, owner), sealed))
    return found


def _put(connection: sqlite3.Connection, ring: Keyring, execution_id: str, owner: str, texts: Found) -> None:
    sealed = seal(ring.current_key, _place(execution_id, owner), json.dumps(texts))
    connection.execute(
        "INSERT OR REPLACE INTO sealed_inputs VALUES (?, ?, ?, ?)", (execution_id, owner, ring.current, sealed)
    )


def _rows(connection: sqlite3.Connection, execution_id: str) -> list[Row]:
    query = "SELECT owner, key_id, sealed FROM sealed_inputs WHERE execution_id = ?"
    return connection.execute(query, (execution_id,)).fetchall()


def _waiting(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT execution_id FROM unsealed LIMIT ?", (AT_ONCE,))]


def _reseal(connection: sqlite3.Connection, ring: Keyring) -> int:
    rows: Iterable[tuple[str, str, str, bytes]] = connection.execute(
        "SELECT execution_id, owner, key_id, sealed FROM sealed_inputs WHERE key_id <> ? LIMIT ?",
        (ring.current, AT_ONCE),
    ).fetchall()
    count = 0
    for execution_id, owner, key_id, sealed in rows:
        _put(connection, ring, execution_id, owner, _open(ring, execution_id, owner, key_id, sealed))
        count += 1
    return count
