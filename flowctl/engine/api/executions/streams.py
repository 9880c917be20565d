"""Following executions and logs: server-sent events. Every event is caused by a change, none by a clock
but the keep-alive of a quiet log."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from functools import partial

from starlette.responses import Response, StreamingResponse

from flowctl.engine.api.executions.logs import level_of, line_json
from flowctl.engine.api.executions.shapes import state_json
from flowctl.engine.api.executions.shown import read_json
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import not_found
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.runtime import executor_of, hide_secrets
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables import executions, logs
from flowctl.engine.store.tables.execution_rows import COLUMNS, execution_of

QUIET_SECONDS = 20.0
BATCH = 500


def event(name: str, value: object) -> bytes:
    """One event."""
    return b"id: " + name.encode() + b"\ndata: " + dump(value) + b"\n\n"


async def follow(request: ApiRequest) -> Response:
    """`GET /executions/{id}/follow`: the execution at each change, once more at its end."""
    _existing(request)
    return _stream(_execution_events(request))


async def follow_logs(request: ApiRequest) -> Response:
    """`GET /logs/{id}/follow`: past lines, then new ones; ends some time after the execution."""
    level_of(request.query_params.get("minLevel"))
    return _stream(_log_events(request))


def _existing(request: ApiRequest) -> None:
    id_ = request.params["execution"]
    if request.context.store.read(lambda connection: executions.head(connection, id_)) is None:
        raise not_found()


def _stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@contextlib.contextmanager
def _changes(request: ApiRequest, changed: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    hub = executor_of(request.context).hub
    stop = hub.listen(request.params["execution"], lambda _: loop.call_soon_threadsafe(changed.set))
    try:
        yield
    finally:
        stop()


async def _execution_events(request: ApiRequest) -> AsyncIterator[bytes]:
    id_, store, changed = request.params["execution"], request.context.store, asyncio.Event()
    with _changes(request, changed):
        version = -1
        while True:
            changed.clear()
            found = store.read(lambda connection: executions.read(connection, id_))
            if found is None:
                return
            if found.version != version:
                version = found.version
                hide_secrets(request.context, [found])
                yield event("progress", read_json(found, request.context))
            if found.terminal:
                yield event("end", read_json(found, request.context))
                return
            await changed.wait()


async def follow_dependencies(request: ApiRequest) -> Response:
    """`GET /executions/{id}/follow-dependencies`: the state of the execution and of those it has started, at each
    change of it; ends with it."""
    _existing(request)
    return _stream(_dependency_events(request))


async def _dependency_events(request: ApiRequest) -> AsyncIterator[bytes]:
    id_, store, changed = request.params["execution"], request.context.store, asyncio.Event()
    with _changes(request, changed):
        said: dict[str, str] = {}
        while True:
            changed.clear()
            family = store.read(partial(_family, id_=id_))
            for found in family:
                if said.get(found.id) != found.state:
                    said[found.id] = found.state
                    yield event("progress", _status_json(found))
            if not family or family[0].terminal:
                for found in family[:1]:
                    yield event("end", _status_json(found))
                return
            await changed.wait()


def _family(connection: sqlite3.Connection, id_: str) -> list[Execution]:
    """An execution, then those that it started."""
    head = executions.head(connection, id_)
    query = f"SELECT {COLUMNS} FROM executions WHERE parent_id = ? AND shown = 1 ORDER BY created_us LIMIT {BATCH}"
    return [] if head is None else [head, *(execution_of(connection, row) for row in connection.execute(query, (id_,)))]


def _status_json(execution: Execution) -> dict[str, object]:
    return {
        "tenantId": "main",
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "executionId": execution.id,
        "state": state_json(execution.history),
    }


async def _log_events(request: ApiRequest) -> AsyncIterator[bytes]:
    id_, store, changed = request.params["execution"], request.context.store, asyncio.Event()
    lowest, last = level_of(request.query_params.get("minLevel")), 0
    with _changes(request, changed):
        while True:
            changed.clear()
            lines = store.read(partial(logs.of_execution, execution_id=id_, min_level=lowest, after=last, limit=BATCH))
            for line in lines:
                last = line.id
                yield event("progress", line_json(line))
            if len(lines) == BATCH:
                continue
            head = store.read(lambda connection: executions.head(connection, id_))
            if head is None or (head.terminal and not lines):
                yield event("end", {})
                return
            if not head.terminal:
                try:
                    await asyncio.wait_for(changed.wait(), QUIET_SECONDS)
                except TimeoutError:
                    yield event("progress", {})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/executions/{execution}/follow", follow),
    reads("GET", "/executions/{execution}/follow-dependencies", follow_dependencies),
    reads("GET", "/logs/{execution}/follow", follow_logs),
)
