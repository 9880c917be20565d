"""Log lines and metrics of executions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `at` in microseconds; `id` is its place in the order of writing, 0 before it is stored."""

    execution_id: str | None
    namespace: str
    flow_id: str
    task_id: str | None
    task_run_id: str | None
    attempt: int | None
    at: int
    level: str
    message: str
    thread: str = "executor"
    trigger_id: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured value. `type` is counter, timer (seconds) or gauge; `tags` JSON text."""

    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    task_run_id: str
    name: str
    type: str
    value: float
    tags: str
    at: int


LOG_COLUMNS = (
    "execution_id, namespace, flow_id, task_id, task_run_id, trigger_id, attempt, at_us, level, thread, message"
)


def add(connection: sqlite3.Connection, lines: Iterable[LogLine]) -> None:
    """Append lines."""
    connection.executemany(
        f"INSERT INTO logs ({LOG_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        [
            (
                line.execution_id,
                line.namespace,
                line.flow_id,
                line.task_id,
                line.task_run_id,
                line.trigger_id,
                line.attempt,
                line.at,
                LEVELS.index(line.level),
                line.thread,
                line.message,
            )
            for line in lines
        ],
    )


def add_metrics(connection: sqlite3.Connection, metrics: Iterable[Metric]) -> None:
    """Append metrics."""
    connection.executemany(
        "INSERT INTO metrics (execution_id, namespace, flow_id, task_id, task_run_id, name, type, value, tags, at_us) "
        "VALUES (?,?,?,?,?,?,?,?,?,?)",
        [
            (m.execution_id, m.namespace, m.flow_id, m.task_id, m.task_run_id, m.name, m.type, m.value, m.tags, m.at)
            for m in metrics
        ],
    )


def of_execution(
    connection: sqlite3.Connection,
    execution_id: str,
    *,
    min_level: str = "TRACE",
    after: int = 0,
    task_id: str | None = None,
    task_run_id: str | None = None,
    attempt: int | None = None,
    limit: int = -1,
) -> list[LogLine]:
    """Lines of an execution in the order of writing, from `min_level` up, with ids past `after`."""
    rows = connection.execute(
        f"SELECT id, {LOG_COLUMNS} FROM logs WHERE execution_id = ? AND id > ? AND level >= ? "
        "AND (? IS NULL OR task_id = ?) AND (? IS NULL OR task_run_id = ?) "
        "AND (? IS NULL OR attempt = ?) ORDER BY id LIMIT ?",
        (
            execution_id,
            after,
            LEVELS.index(min_level),
            task_id,
            task_id,
            task_run_id,
            task_run_id,
            attempt,
            attempt,
            limit,
        ),
    )
    return [line_of(row) for row in rows]


def line_of(row: tuple[object, ...]) -> LogLine:
    """A line from `id` and the columns of `logs`."""
    id_, execution, namespace, flow, task, run, trigger, attempt, at, level, thread, message = row
    assert isinstance(level, int)
    return LogLine(execution, namespace, flow, task, run, attempt, at, LEVELS[level], message, thread, trigger, id_)  # type: ignore[arg-type]  # of the columns


def delete_of_execution(connection: sqlite3.Connection, execution_id: str) -> int:
    """Remove an execution's lines. Returns how many there were."""
    return connection.execute("DELETE FROM logs WHERE execution_id = ?", (execution_id,)).rowcount


def delete_of_triggers(connection: sqlite3.Connection, before: int) -> None:
    """Remove the lines of triggers that are older."""
    connection.execute("DELETE FROM logs WHERE execution_id IS NULL AND at_us < ?", (before,))
