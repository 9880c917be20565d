"""Sealed rows as a whole: seal them anew with another key, and seal what an older flowctl has stored in clear."""

from __future__ import annotations

import json
import sqlite3
from functools import partial

from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import concealed
from flowctl.engine.secrets.keyring import Keyring
from flowctl.engine.secrets.sealing import seal, unseal
from flowctl.engine.store import Store
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.sealed import BACKFILLS, EVENTS, MET, TABLES, Connection, Table, close
from flowctl.engine.store.tables import executions

AT_ONCE = 200
"""Rows to a transaction: requests and turns wait for the one writer meanwhile."""
TRIGGERS = ""
"""Stands among the executions that wait to be sealed for what triggers hold."""


def reseal(store: Store, ring: Keyring) -> None:
    """Seal everything with the current key of a ring, a few rows to a transaction.

    Raises:
        ServerError: `S311`, something is sealed by a key that the ring has not.
    """
    for table in TABLES:
        while store.write(partial(_reseal, ring=ring, table=table)).result():
            pass


def _reseal(connection: sqlite3.Connection, ring: Keyring, table: Table) -> int:
    key, bound = table.key or table.bound, ", ".join(table.bound)
    wanted = f"SELECT {', '.join(key)}, {bound}, key_id, {table.column} FROM {table.name} WHERE key_id"
    rows = connection.execute(
        f"{wanted} < ? UNION ALL {wanted} > ? LIMIT {AT_ONCE}",  # two ranges of its index, not all of it
        (ring.current, ring.current),
    ).fetchall()
    where = " AND ".join(f"{name} = ?" for name in key)
    for row in rows:
        place = table.place(row[len(key) : -2])
        data = seal(ring.current_key, place, unseal(ring.key(row[-2]), place, row[-1]))
        connection.execute(
            f"UPDATE {table.name} SET key_id = ?, {table.column} = ? WHERE {where}",
            (ring.current, data, *row[: len(key)]),
        )
    return len(rows)


def adopt(store: Store) -> int:
    """Seal what an older flowctl has stored; returns how many executions that were."""
    count = 0
    while store.read(_waiting):
        count += store.write(_adopt).result()
    return count


def _waiting(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT execution_id FROM unsealed LIMIT ?", (AT_ONCE,))]


def _adopt(connection: sqlite3.Connection) -> int:
    connection.execute("PRAGMA secure_delete = ON")
    found = _waiting(connection)
    for id_ in found:
        if id_ == TRIGGERS:
            _close_backfills(connection)
            _close_rows(connection, MET)
        else:
            _adopt_one(connection, id_)
        connection.execute("DELETE FROM unsealed WHERE execution_id = ?", (id_,))
        connection.execute("DELETE FROM sealed_inputs WHERE execution_id = ?", (id_,))
    connection.execute("PRAGMA secure_delete = OFF")
    return len(found)


def _adopt_one(connection: sqlite3.Connection, id_: str) -> None:
    execution = executions.read(connection, id_)
    if execution is None or execution.sealed:
        return
    _fill(connection, execution)
    execution.sealed = True
    executions.rewrite(connection, execution)
    _close_rows(connection, EVENTS, id_)
    query = "SELECT DISTINCT task_run_id FROM loop_items WHERE execution_id = ?"
    for (run,) in connection.execute(query, (id_,)).fetchall():
        executions.put_items(connection, execution, run, executions.items(connection, id_, run))


def _fill(connection: sqlite3.Connection, execution: Execution) -> None:
    """Put back the values that the version before has sealed by themselves; `******` stands in their place."""
    assert isinstance(connection, Connection)
    query = "SELECT owner, key_id, sealed FROM sealed_inputs WHERE execution_id = ?"
    for owner, key_id, data in connection.execute(query, (execution.id,)).fetchall():
        key = connection.seals.ring().key(key_id)
        held = execution.runs[owner].outputs if owner in execution.runs else execution.inputs
        for place, value in json.loads(unseal(key, (f"execution {execution.id}", owner), data)):
            _put_back(held, place, value)


def _put_back(held: object, place: list[str], value: object) -> None:
    for key in place[:-1]:
        held = held.get(key) if isinstance(held, dict) else None
    if isinstance(held, dict) and place[-1] in held:
        held[place[-1]] = value


def _close_backfills(connection: sqlite3.Connection) -> None:
    """Seal the inputs that backfills give: which of them are secret was not remembered."""
    rows = connection.execute(
        "SELECT namespace, flow_id, trigger_id, backfill FROM triggers WHERE backfill IS NOT NULL AND key_id IS NULL"
    ).fetchall()
    for *key, text in rows:
        held = json.loads(text)
        secret = [[name] for name in held["inputs"]]
        if secret:
            key_id, data = close(connection, BACKFILLS, key, dump({"inputs": held["inputs"], "secret": secret}))
            held["inputs"] = concealed(secret, held["inputs"])
            connection.execute(
                "UPDATE triggers SET backfill = ?, key_id = ?, sealed = ? "
                "WHERE namespace = ? AND flow_id = ? AND trigger_id = ?",
                (dump(held).decode(), key_id, data, *key),
            )


def _close_rows(connection: sqlite3.Connection, table: Table, execution_id: str | None = None) -> None:
    """Seal the rows of a table that stand in clear: all of them, or those of an execution."""
    key, bound = table.key or table.bound, ", ".join(table.bound)
    only, given = (" AND execution_id = ?", (execution_id,)) if execution_id is not None else ("", ())
    rows = connection.execute(
        f"SELECT {', '.join(key)}, {bound}, {table.column} FROM {table.name} "
        f"WHERE key_id IS NULL AND {table.column} IS NOT NULL{only}",
        given,
    ).fetchall()
    where = " AND ".join(f"{name} = ?" for name in key)
    for row in rows:
        data = row[-1].encode() if isinstance(row[-1], str) else row[-1]
        key_id, sealed = close(connection, table, row[len(key) : -1], data)
        connection.execute(
            f"UPDATE {table.name} SET key_id = ?, {table.column} = ? WHERE {where}",
            (key_id, sealed, *row[: len(key)]),
        )
