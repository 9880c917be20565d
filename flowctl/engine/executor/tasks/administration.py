"""What tasks may ask of the engine about other executions: counting, resuming, logs, purging, switching triggers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from flowctl.engine.emptying import empty
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.services import Services
from flowctl.engine.plugins.protocol import LogRow, Selected
from flowctl.engine.store import doomed, executions, logs, triggers
from flowctl.engine.store.execution_rows import COLUMNS, execution_of
from flowctl.engine.store.logs import LEVELS

PURGED_AT_ONCE = 500


class StoreAdministration:
    """Implements `flowctl.engine.plugins.protocol.Administration`. `services.resume` is set by the executor."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def count(self, selected: Selected) -> int:
        """How many executions are meant."""
        where, values = condition(selected)
        query = f"SELECT count(*) FROM executions WHERE {where}"
        return int(self._services.store.read(lambda c: c.execute(query, values).fetchone())[0])

    def resume(self, execution_id: str, inputs: Mapping[str, object]) -> Future[None]:
        """Resume a paused execution; the future fails when that is not possible."""
        return self._services.resume(execution_id, inputs)

    def log_rows(self, selected: Selected, execution_id: str, task_ids: Sequence[str], level: str) -> list[LogRow]:
        """Lines of an execution, or of all executions of a flow, from a level up."""
        where, values = "execution_id = ?", [execution_id]
        if selected.namespace is not None:
            where, values = "namespace = ?", [selected.namespace]
            if selected.flow_id is not None:
                where, values = where + " AND flow_id = ?", [*values, selected.flow_id]
        marks = ", ".join("?" * len(task_ids))
        tasks = f" AND task_id IN ({marks})" if task_ids else ""
        query = f"SELECT id, {logs.LOG_COLUMNS} FROM logs WHERE {where} AND level >= ?{tasks} ORDER BY id"
        given = [*values, LEVELS.index(level), *task_ids]
        lines = self._services.store.read(lambda c: [logs.line_of(row) for row in c.execute(query, given)])
        return [LogRow(line.at, line.level, line.message, line.task_id, line.execution_id) for line in lines]

    def purge_logs(self, selected: Selected, levels: Sequence[str]) -> int:
        """Remove lines written in a time. Returns how many."""
        where, values = condition(selected, "at_us", with_state=False)
        marks = ", ".join("?" * len(levels))
        level = f" AND level IN ({marks})" if levels else ""
        query = f"DELETE FROM logs WHERE {where}{level}"
        given = [*values, *(LEVELS.index(name) for name in levels)]
        return self._services.store.write(lambda connection: connection.execute(query, given).rowcount).result()

    def purge(self, selected: Selected, *, rows: bool, log: bool, metrics: bool, files: bool) -> dict[str, int]:
        """Remove ended executions, or parts of them, a few hundred to a transaction. Returns counts by kind."""
        counts = {"executions": 0, "logs": 0, "metrics": 0, "files": 0}
        after = 0
        while True:
            found, after = self._services.store.read(lambda connection: _ended(connection, selected, after))  # noqa: B023
            if not found:
                return counts

            def write(connection: sqlite3.Connection) -> list[str]:
                folders: list[str] = []
                for execution in found:  # noqa: B023
                    if _still_ended(connection, execution.id):
                        _purge_rows(connection, execution, counts, log=log, metrics=metrics)
                        folders += self._purge_one(connection, execution, rows=rows, files=files)
                        counts["executions"] += rows
                return folders

            folders = self._services.store.write(write).result()
            counts["files"] += empty(self._services.store, self._services.storage, folders)

    def _purge_one(
        self, connection: sqlite3.Connection, execution: Execution, *, rows: bool, files: bool
    ) -> Sequence[str]:
        """Returns the folders that are to be emptied. Those of an execution that stays are set aside at once: it may be
        restarted as soon as this is on disk."""
        if rows:
            return executions.delete(connection, execution, logs=False, metrics=False, files=files)
        aside = self._services.storage.set_aside(executions.storage_folder(execution)) if files else None
        if aside is None:
            return ()
        doomed.add(connection, [aside])
        return (aside,)

    def toggle(self, namespace: str, flow_id: str, trigger_id: str, *, enabled: bool) -> bool:
        """Switch a trigger. False when there is none."""
        key, now_ms = (namespace, flow_id, trigger_id), self._services.clock() // 1000
        return self._services.store.write(lambda c: triggers.switch(c, key, off=not enabled, now_ms=now_ms)).result()


def condition(selected: Selected, column: str = "created_us", *, with_state: bool = True) -> tuple[str, list[object]]:
    """A condition of SQL and its values."""
    parts = ["shown = 1"] if with_state else ["1"]
    found: list[object] = []
    for name, value in (("namespace", selected.namespace), ("flow_id", selected.flow_id)):
        if value is not None:
            parts.append(f"{name} = ?")
            found.append(value)
    for sign, at in ((">=", selected.start), ("<=", selected.end)):
        if at is not None:
            parts.append(f"{column} {sign} ?")
            found.append(at)
    if with_state and selected.states:
        parts.append(f"state IN ({', '.join('?' * len(selected.states))})")
        found.extend(selected.states)
    return " AND ".join(parts), found


def _ended(connection: sqlite3.Connection, selected: Selected, after: int) -> tuple[list[Execution], int]:
    where, values = condition(selected)
    rows = connection.execute(
        f"SELECT {COLUMNS}, rowid FROM executions WHERE {where} AND ended_us IS NOT NULL AND rowid > ? "
        "ORDER BY rowid LIMIT ?",
        (*values, after, PURGED_AT_ONCE),
    ).fetchall()
    return [execution_of(connection, row[:-1]) for row in rows], rows[-1][-1] if rows else after


def _still_ended(connection: sqlite3.Connection, id_: str) -> bool:
    """Whether it has not been restarted, or deleted, since it was found."""
    query = "SELECT 1 FROM executions WHERE id = ? AND ended_us IS NOT NULL"
    return connection.execute(query, (id_,)).fetchone() is not None


def _purge_rows(
    connection: sqlite3.Connection, execution: Execution, counts: dict[str, int], *, log: bool, metrics: bool
) -> None:
    if log:
        counts["logs"] += logs.delete_of_execution(connection, execution.id)
    if metrics:
        counts["metrics"] += connection.execute("DELETE FROM metrics WHERE execution_id = ?", (execution.id,)).rowcount
