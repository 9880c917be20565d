"""What tasks may ask of the engine about other executions: counting, resuming, logs, purging, switching triggers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial

from flowctl.engine.emptying import empty
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.storage import flow_folder
from flowctl.engine.executor.services import Services
from flowctl.engine.plugins.services import LogRow, Selected
from flowctl.engine.store.tables import doomed, executions, flows, logs, triggers
from flowctl.engine.store.tables.execution_rows import COLUMNS, execution_of
from flowctl.engine.store.tables.logs import LEVELS

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
            found, after = self._services.store.read(partial(_ended, selected=selected, after=after))
            if not found:
                return counts
            removal = partial(
                self._purge_some, found=found, counts=counts, rows=rows, log=log, metrics=metrics, files=files
            )
            folders = self._services.store.write(removal).result()
            counts["files"] += empty(self._services.store, self._services.storage, folders)

    def _purge_some(
        self,
        connection: sqlite3.Connection,
        *,
        found: Sequence[Execution],
        counts: dict[str, int],
        rows: bool,
        log: bool,
        metrics: bool,
        files: bool,
    ) -> list[str]:
        """Returns the folders that are to be emptied; `counts` grow by what is removed."""
        folders: list[str] = []
        for execution in found:
            if _still_ended(connection, execution.id):
                _purge_rows(connection, execution, counts, log=log, metrics=metrics)
                folders += self._purge_one(connection, execution, rows=rows, files=files)
                counts["executions"] += rows
        return folders

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

    def flows_below(self, namespace: str | None, flow_id: str | None) -> list[tuple[str, str]]:
        """Namespace and id of the flows of a namespace and those below, of one flow, or of all."""
        query = "SELECT namespace, id FROM flows WHERE deleted = 0 ORDER BY namespace, id"
        found: list[tuple[str, str]] = self._services.store.read(lambda c: c.execute(query).fetchall())
        if flow_id:
            return [flow for flow in found if flow == (namespace, flow_id)]
        return [flow for flow in found if not namespace or f"{flow[0]}.".startswith(f"{namespace}.")]

    def purge_revisions(self, flow: tuple[str, str], *, keep: int | None, before: int | None) -> int:
        """Remove old revisions of a flow; `before` in microseconds since 1970. Returns how many."""
        before_ms = None if before is None else before // 1000
        return self._services.store.write(
            lambda c: flows.purge_revisions(c, *flow, keep=keep, before_ms=before_ms)
        ).result()

    def purge_storage(self, selected: Selected, *, dry: bool) -> tuple[int, int, int]:
        """Remove the files of executions whose newest one was written in a time, but of none that goes on. Returns how
        many executions have files, how many of them are meant, and how many files went."""
        storage, store = self._services.storage, self._services.store
        top = flow_folder(selected.namespace, selected.flow_id)
        found = [one for one in storage.executions_below(top) if _in_scope(one[0], top, selected)]
        start, end = selected.start or 0, selected.end
        old = [folder for folder, written in found if start <= written and (end is None or written <= end)]
        meant = [folder for folder in old if not store.read(partial(_goes_on, folder=folder))]
        if dry:
            return len(found), len(meant), 0
        aside = store.write(lambda connection: self._set_aside(connection, meant)).result()
        return len(found), len(meant), empty(store, storage, aside)

    def _set_aside(self, connection: sqlite3.Connection, folders: Sequence[str]) -> list[str]:
        """In one transaction, so that none of the executions is restarted meanwhile. Returns the folders to empty."""
        ended = [folder for folder in folders if not _goes_on(connection, folder)]
        aside = [name for folder in ended if (name := self._services.storage.set_aside(folder))]
        doomed.add(connection, aside)
        return aside


def _in_scope(folder: str, top: str, selected: Selected) -> bool:
    """Whether an execution's folder below `top` is of the flow, or of a flow of the namespace or those below. A flow
    lies where a namespace below its own would: its executions are not that namespace's."""
    below = folder.removeprefix(top).strip("/").count("/")
    return below == 0 if selected.flow_id else below >= 2


def _goes_on(connection: sqlite3.Connection, folder: str) -> bool:
    """Whether the execution of a folder, or one that has started it, has not ended: its files may yet be read."""
    query = """
        WITH RECURSIVE above (id) AS (
            VALUES (?) UNION SELECT parent_id FROM executions JOIN above USING (id) WHERE parent_id IS NOT NULL
        )
        SELECT 1 FROM executions JOIN above USING (id) WHERE ended_us IS NULL LIMIT 1
    """
    return connection.execute(query, (folder.rpartition("/")[2],)).fetchone() is not None


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
