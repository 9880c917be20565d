"""Removing executions that ended long ago, hour by hour, where the server was told how long to keep them."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from flowctl.engine.api.context import Context
from flowctl.engine.api.runtime import executor_of
from flowctl.engine.store.tables import logs

if TYPE_CHECKING:
    from flowctl.engine.executor.executor import Executor
    from flowctl.engine.executor.records.records import Execution

AT_ONCE = 50
"""Executions to a transaction: requests and turns wait for the one writer meanwhile."""
EVERY = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
LOG = logging.getLogger("flowctl.retention")
_OLD = (
    "SELECT id FROM executions e WHERE shown = 1 AND created_us < ? AND ended_us < ? "
    "AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.execution_id = e.id) "
    "AND NOT EXISTS (SELECT 1 FROM executions p WHERE p.id = e.parent_id AND p.ended_us IS NULL) "
    "ORDER BY created_us LIMIT ?"
)


def sweep(executor: Executor, keep: timedelta, stopped: threading.Event) -> int:
    """Remove executions that ended longer than `keep` ago, with their logs, metrics and files, and lines of triggers;
    what an execution that still runs has started stays. Returns how many executions went; ends early once `stopped` is
    set."""
    before, removed = executor.services.clock() - keep // MICROSECOND, 0
    while not stopped.is_set():
        found = executor.services.store.read(lambda connection: _old(connection, before))
        if not found:
            break
        removed += _remove(executor, found, before)
    executor.services.store.write(lambda connection: logs.delete_of_triggers(connection, before)).result()
    return removed


def _old(connection: sqlite3.Connection, before: int) -> list[Execution]:
    from flowctl.engine.store.tables import executions

    rows = connection.execute(_OLD, (before, before, AT_ONCE)).fetchall()
    heads = [executions.head(connection, id_) for (id_,) in rows]
    return [head for head in heads if head is not None]


def _remove(executor: Executor, found: list[Execution], before: int) -> int:
    from flowctl.engine.emptying import empty
    from flowctl.engine.store.tables import executions

    def write(connection: sqlite3.Connection) -> tuple[list[Execution], list[str]]:
        still = [execution for execution in found if _still_old(connection, execution.id, before)]
        return still, [folder for execution in still for folder in executions.delete(connection, execution)]

    gone, folders = executor.services.store.write(write).result()
    for execution in gone:
        executor.deleted(execution.id)
    empty(executor.services.store, executor.services.storage, folders)
    return len(gone)


def _still_old(connection: sqlite3.Connection, id_: str, before: int) -> bool:
    """Whether it has not been restarted since it was found."""
    query = "SELECT 1 FROM executions WHERE id = ? AND ended_us < ?"
    return connection.execute(query, (id_, before)).fetchone() is not None


class RetentionPart:
    """A thread of its own that sweeps when the server starts and each hour after. Without a time only that goes which
    belongs to nothing any more."""

    def __init__(self, context: Context) -> None:
        self._context, self._keep = context, context.settings.retention
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="flowctl-retention", daemon=True)

    async def start(self) -> None:
        """Begin, after the executor."""
        self._thread.start()

    async def stop(self) -> None:
        """A sweep that is under way ends after the transaction it is in."""
        self._stopped.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def _loop(self) -> None:
        while not self._stopped.is_set():
            self._sweep()
            self._stopped.wait(EVERY.total_seconds())

    def _sweep(self) -> None:
        executor = executor_of(self._context)
        try:
            self._clean(executor)
            removed = sweep(executor, self._keep, self._stopped) if self._keep is not None else 0
        except Exception:  # the thread has to live until the next hour
            LOG.exception("executions past their time could not be removed; it is tried again in an hour")
            return
        if removed:
            LOG.info("removed %d executions that ended more than %s ago", removed, self._keep)

    def _clean(self, executor: Executor) -> None:
        """Remove what belongs to nothing any more."""
        from flowctl.engine.contents import collect, drop_partial
        from flowctl.engine.emptying import empty_left

        store, storage = executor.services.store, executor.services.storage
        while empty_left(store, storage) and not self._stopped.is_set():
            pass
        count = collect(store, store.now_ms) + drop_partial(storage, store.now_ms)
        if count:
            LOG.info("removed %d contents of files that nothing refers to", count)
