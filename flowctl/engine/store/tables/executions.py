"""Executions and their task runs. Functions of an open connection: reads anywhere, writes inside `Store.write`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.storage import execution_folder
from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.sealed import LOOP_ITEMS, clear, close
from flowctl.engine.store.tables import doomed as doomed_folders
from flowctl.engine.store.tables.execution_rows import COLUMNS, LOOP, execution_of, execution_row, run_of, run_row


class Outdated(Exception):
    """The execution was changed by somebody else since it was read; nothing was written."""


def read(connection: sqlite3.Connection, id_: str) -> Execution | None:
    """A whole execution with its task runs and their outputs."""
    execution = head(connection, id_)
    if execution is None:
        return None
    query = (
        "SELECT position, id, document, outputs, key_id, sealed FROM task_runs WHERE execution_id = ? ORDER BY position"
    )
    for row in connection.execute(query, (id_,)):
        execution.add(run_of(connection, execution, row))
    return execution


def head(connection: sqlite3.Connection, id_: str) -> Execution | None:
    """An execution without its task runs."""
    row = connection.execute(f"SELECT {COLUMNS} FROM executions WHERE id = ?", (id_,)).fetchone()
    return execution_of(connection, row) if row else None


def insert(connection: sqlite3.Connection, execution: Execution) -> None:
    """Store a new execution with the task runs it may have."""
    row = execution_row(connection, execution)
    connection.execute(f"INSERT INTO executions ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row)
    _put_labels(connection, execution)
    put_runs(connection, execution, execution.runs.values())
    count(connection, execution, execution.state, 1)


def rewrite(connection: sqlite3.Connection, execution: Execution) -> None:
    """Store the document of an execution, and its task runs, in another form of the same content."""
    row = execution_row(connection, execution)
    connection.execute(
        "UPDATE executions SET document = ?, key_id = ?, sealed = ? WHERE id = ?", (*row[13:16], execution.id)
    )
    put_runs(connection, execution, execution.runs.values())


def update(connection: sqlite3.Connection, execution: Execution, old_state: str, *, labels: bool = False) -> None:
    """Store a changed execution (task runs apart) as the version after the one it was read with.

    Raises:
        Outdated: the stored version is another one.
    """
    row = execution_row(connection, execution)
    changed = connection.execute(
        "UPDATE executions SET state = ?, started_us = ?, ended_us = ?, revision = ?, document = ?, key_id = ?, "
        "sealed = ?, version = version + 1 WHERE id = ? AND version = ?",
        (row[8], row[10], row[11], row[3], *row[13:16], execution.id, execution.version),
    )
    if changed.rowcount != 1:
        raise Outdated(execution.id)
    if labels:
        connection.execute("DELETE FROM execution_labels WHERE execution_id = ?", (execution.id,))
        _put_labels(connection, execution)
    if old_state != execution.state:
        count(connection, execution, old_state, -1)
        count(connection, execution, execution.state, 1)


def count(connection: sqlite3.Connection, execution: Execution, state: str, change: int) -> None:
    """Keep the counters true."""
    connection.execute(
        "INSERT INTO execution_counts VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET number = number + excluded.number",
        (execution.namespace, execution.flow_id, execution.kind != LOOP, state, change),
    )


def put_runs(connection: sqlite3.Connection, execution: Execution, runs: Iterable[TaskRun]) -> None:
    """Store new or changed task runs."""
    rows = [run_row(connection, execution, run) for run in runs]
    if rows:
        connection.executemany("INSERT OR REPLACE INTO task_runs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def drop_runs(connection: sqlite3.Connection, execution_id: str, positions: Iterable[int]) -> None:
    """Remove task runs."""
    connection.executemany(
        "DELETE FROM task_runs WHERE execution_id = ? AND position = ?", [(execution_id, p) for p in positions]
    )


def delete(
    connection: sqlite3.Connection, execution: Execution, *, logs: bool = True, metrics: bool = True, files: bool = True
) -> list[str]:
    """Remove an execution with the iterations of its loops and, as asked, what they left behind. A trigger that waits
    for its end waits no more. Nothing happens when it is gone already.

    Returns the folders of their files, which are noted to be emptied once this is on disk; none unless `files`."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS doomed (id TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.execute("DELETE FROM doomed")
    connection.execute(_DOOMED, (execution.id, LOOP))
    connection.execute(_UNCOUNT)
    folders = [execution_folder(*row) for row in connection.execute(_PLACES)] if files else []
    connection.execute("DELETE FROM execution_labels WHERE execution_id IN (SELECT id FROM doomed)")
    connection.execute("DELETE FROM executions WHERE id IN (SELECT id FROM doomed)")
    connection.execute("UPDATE triggers SET execution_id = NULL WHERE execution_id = ?", (execution.id,))
    tables = ["task_runs", "loop_items", "steps", "execution_events"]
    tables += ["logs"] * logs + ["metrics"] * metrics
    for table in tables:
        connection.execute(f"DELETE FROM {table} WHERE execution_id IN (SELECT id FROM doomed)")
    doomed_folders.add(connection, folders)
    return folders


_PLACES = "SELECT namespace, flow_id, id FROM executions WHERE id IN (SELECT id FROM doomed)"
_DOOMED = (
    "WITH RECURSIVE part (id) AS (VALUES (?) UNION ALL "
    "SELECT e.id FROM executions e JOIN part ON e.parent_id = part.id WHERE e.kind = ?) "
    "INSERT INTO doomed SELECT id FROM part"
)
_UNCOUNT = (
    "INSERT INTO execution_counts SELECT namespace, flow_id, shown, state, -count(*) FROM executions "
    "WHERE id IN (SELECT id FROM doomed) GROUP BY 1, 2, 3, 4 "
    "ON CONFLICT DO UPDATE SET number = number + excluded.number"
)


def _put_labels(connection: sqlite3.Connection, execution: Execution) -> None:
    rows = [(execution.id, key, value, execution.history[0][1]) for key, value in dict(execution.labels).items()]
    if rows:
        connection.executemany("INSERT INTO execution_labels VALUES (?, ?, ?, ?)", rows)


def put_items(
    connection: sqlite3.Connection, execution: Execution, task_run_id: str, items: Sequence[tuple[str | None, str]]
) -> None:
    """Store the items (key, value) of a Loop's run."""
    place = (execution.id, task_run_id)
    connection.execute("DELETE FROM loop_items WHERE execution_id = ? AND task_run_id = ?", place)
    rows = (_item_row(connection, execution, (*place, position), item) for position, item in enumerate(items))
    connection.executemany("INSERT INTO loop_items VALUES (?, ?, ?, ?, ?, ?)", rows)


def _item_row(
    connection: sqlite3.Connection, execution: Execution, place: tuple[str, str, int], item: tuple[str | None, str]
) -> tuple[object, ...]:
    """A sealed item has its key beside its value."""
    if not execution.sealed:
        return (*place, *item, None)
    key_id, data = close(connection, LOOP_ITEMS, place, dump(item))
    return (*place, None, data, key_id)


def items(connection: sqlite3.Connection, execution_id: str, task_run_id: str) -> list[tuple[str | None, str]]:
    """The items (key, value) of a Loop's run, in order."""
    rows = connection.execute(
        "SELECT position, key, value, key_id FROM loop_items WHERE execution_id = ? AND task_run_id = ? "
        "ORDER BY position",
        (execution_id, task_run_id),
    )
    found: list[tuple[str | None, str]] = []
    for position, key, value, key_id in rows:
        if key_id is not None:
            pair = load(clear(connection, LOOP_ITEMS, (execution_id, task_run_id, position), key_id, value))
            assert isinstance(pair, list)
            key, value = pair
        found.append((key, value))
    return found


def children(connection: sqlite3.Connection, parent_id: str, task_run_id: str) -> list[str]:
    """Ids of the executions that one task run (a Loop's, a ForEachItem's) waits for and that have not ended."""
    query = f"SELECT {COLUMNS} FROM executions WHERE parent_id = ? AND ended_us IS NULL"
    rows = connection.execute(query, (parent_id,))
    waiter = (parent_id, task_run_id)
    return [child.id for child in _all(connection, rows) if child.waiter == waiter]


def open_iterations(connection: sqlite3.Connection, parent_id: str) -> list[str]:
    """Ids of the iterations of an execution's Loops that have not ended; not of those inside them."""
    query = "SELECT id FROM executions WHERE parent_id = ? AND kind = ? AND ended_us IS NULL"
    return [row[0] for row in connection.execute(query, (parent_id, LOOP))]


def awaited(connection: sqlite3.Connection, parent_id: str, task_run_id: str) -> list[Execution]:
    """The executions that one task run has waited for, with their task runs, in the order of their start."""
    query = f"SELECT {COLUMNS} FROM executions WHERE parent_id = ? ORDER BY created_us, rowid"
    waiter = (parent_id, task_run_id)
    rows = connection.execute(query, (parent_id,))
    found = [child.id for child in _all(connection, rows) if child.waiter == waiter]
    return [child for child in (read(connection, id_) for id_ in found) if child is not None]


def started(connection: sqlite3.Connection, parent_id: str) -> list[str]:
    """Ids of the executions that one execution has started without waiting for their end, which has not come."""
    query = f"SELECT {COLUMNS} FROM executions WHERE parent_id = ? AND ended_us IS NULL"
    found = _all(connection, connection.execute(query, (parent_id,)))
    return [child.id for child in found if child.waiter is None and _starter(child) == parent_id]


def _all(connection: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> Iterator[Execution]:
    return (execution_of(connection, row) for row in rows)


def _starter(child: Execution) -> object:
    variables = (child.trigger or {}).get("variables")
    return variables.get("executionId") if isinstance(variables, dict) else None


def open_of_flow(connection: sqlite3.Connection, namespace: str, flow_id: str, states: Iterable[str]) -> int:
    """How many executions of a flow are in some states."""
    wanted = list(states)
    marks = ", ".join("?" * len(wanted))
    row = connection.execute(
        "SELECT coalesce(sum(number), 0) FROM execution_counts WHERE namespace = ? AND flow_id = ? AND shown = 1 "
        f"AND state IN ({marks})",
        (namespace, flow_id, *wanted),
    ).fetchone()
    return int(row[0])


def to_begin_later(connection: sqlite3.Connection, namespace: str, flow_id: str, now: int) -> int:
    """How many executions of a flow wait, CREATED, for a date after `now` (microseconds)."""
    row = connection.execute(
        "SELECT count(*) FROM executions e JOIN steps s ON s.execution_id = e.id AND s.kind = 'ADVANCE' "
        "WHERE e.state = 'CREATED' AND e.namespace = ? AND e.flow_id = ? AND e.shown = 1 AND s.due_us > ?",
        (namespace, flow_id, now),
    ).fetchone()
    return int(row[0])


def flows_with(connection: sqlite3.Connection, state: str) -> list[tuple[str, str]]:
    """The flows that have executions in a state, iterations of Loops apart."""
    return connection.execute(
        "SELECT namespace, flow_id FROM execution_counts WHERE shown = 1 AND state = ? AND number > 0", (state,)
    ).fetchall()


def longest_queued(connection: sqlite3.Connection, namespace: str, flow_id: str, most: int) -> list[str]:
    """The executions of a flow that have been QUEUED longest."""
    rows = connection.execute(
        "SELECT id FROM executions WHERE namespace = ? AND flow_id = ? AND shown = 1 AND state = 'QUEUED' "
        "ORDER BY created_us, rowid LIMIT ?",
        (namespace, flow_id, most),
    )
    return [row[0] for row in rows]


def first_queued(connection: sqlite3.Connection, namespace: str, flow_id: str) -> str | None:
    """The execution of a flow that has been QUEUED longest."""
    found = longest_queued(connection, namespace, flow_id, 1)
    return found[0] if found else None


def iterations(
    connection: sqlite3.Connection, parent_id: str, task_run_id: str, since: int = 0
) -> list[tuple[dict[str, object], dict[str, object]]]:
    """The iterations of a Loop's run that ended: their place in the loop, and their outputs. Those that were started
    before `since` (microseconds) belong to an attempt that was given up."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM executions WHERE parent_id = ? AND kind = ? AND ended_us IS NOT NULL "
        "AND created_us >= ?",
        (parent_id, LOOP, since),
    )
    found = []
    for row in rows:
        child = execution_of(connection, row)
        if child.loop_run is not None and child.loop_run.get("taskRunId") == task_run_id and child.outputs is not None:
            found.append((child.loop_run, child.outputs))
    return found


def storage_folder(execution: Execution) -> str:
    """Where the files of an execution are."""
    return execution_folder(execution.namespace, execution.flow_id, execution.id)


def newest_of_flow(connection: sqlite3.Connection, namespace: str, flow_id: str) -> Execution | None:
    """The execution of a flow that was started last, without its task runs."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM executions WHERE namespace = ? AND flow_id = ? AND shown = 1 "
        "ORDER BY created_us DESC LIMIT 1",
        (namespace, flow_id),
    ).fetchone()
    return execution_of(connection, row) if row else None
