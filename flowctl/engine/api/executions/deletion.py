"""Deleting executions. One that runs is killed first, so that its processes end and whoever waits for it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence

from flowctl.engine.api.http.problems import Problem
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.runtime import command, executor_of
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.states import KILLED
from flowctl.engine.store.tables import executions, steps

LONGEST_SECONDS = 10.0
"""How long an execution that was killed may take to end before it is deleted all the same."""


async def delete_all(request: ApiRequest, chosen: Sequence[Execution]) -> None:
    """Remove executions with what the request says: `deleteLogs`, `deleteMetrics`, `deleteStorage` (true)."""
    running = [execution.id for execution in chosen if not execution.terminal]
    for id_ in running:
        await _kill(request, id_)
    for id_ in running:
        await _ended(request, id_)
    for execution in chosen:
        await _remove(request, execution)


async def _kill(request: ApiRequest, id_: str) -> None:
    from flowctl.engine.executor.lifecycle import actions

    with contextlib.suppress(Problem):  # it has ended, or was deleted, meanwhile
        await command(request, id_, actions.kill)


async def _ended(request: ApiRequest, id_: str) -> None:
    changed, loop = asyncio.Event(), asyncio.get_running_loop()
    stop = executor_of(request.context).hub.listen(id_, lambda _: loop.call_soon_threadsafe(changed.set))
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while _open(request, id_):
                await changed.wait()
                changed.clear()
    except TimeoutError:
        return
    finally:
        stop()


def _open(request: ApiRequest, id_: str) -> bool:
    """Whether there is anything left to wait for: its end, or tasks that still run."""

    def look(connection: sqlite3.Connection) -> bool:
        head = executions.head(connection, id_)
        return head is not None and not head.terminal

    return request.context.store.read(look)


async def _remove(request: ApiRequest, execution: Execution) -> None:
    from flowctl.engine.emptying import empty

    logs, metrics = request.flag("deleteLogs", True), request.flag("deleteMetrics", True)
    files = request.flag("deleteStorage", True)

    def write(connection: sqlite3.Connection) -> tuple[str | None, list[str]]:
        waiter = _release(connection, execution.id)
        return waiter, executions.delete(connection, execution, logs=logs, metrics=metrics, files=files)

    waiter, folders = await request.context.store.awrite(write)
    executor = executor_of(request.context)
    executor.deleted(execution.id)
    if waiter is not None:
        executor.ready(waiter)
    await asyncio.to_thread(empty, executor.services.store, executor.services.storage, folders)


def _release(connection: sqlite3.Connection, id_: str) -> str | None:
    """Tell the execution that waits for one which would not end in time: it never will. Returns its id."""
    from flowctl.engine.executor.lifecycle.launching import end_event

    head = executions.head(connection, id_)
    if head is None or head.terminal or head.waiter is None:
        return None
    steps.tell(connection, head.waiter[0], end_event(head) | {"state": KILLED}, sealed=head.sealed)
    return head.waiter[0]
