"""Logs of executions: list, download, search, delete."""

from __future__ import annotations

import sqlite3

from starlette.responses import Response

from flowctl.engine.api.http.attachments import attachment
from flowctl.engine.api.http.endpoint import Endpoint, reads, writes
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, empty, json_response
from flowctl.engine.api.listing import filters
from flowctl.engine.api.listing.conditions import (
    COMPARE,
    Where,
    add_all,
    add_numbers,
    add_query,
    add_scope,
    add_text,
    milliseconds,
    time_ago_us,
)
from flowctl.engine.api.listing.filters import Filter, Op
from flowctl.engine.api.listing.paging import Page, page_of
from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.store.tables import executions, logs
from flowctl.engine.store.tables.logs import LEVELS, LogLine

FIELDS: filters.Fields = {
    "q": filters.EITHER,
    "namespace": filters.TEXT,
    "flowId": filters.TEXT,
    "taskId": filters.TEXT,
    "taskRunId": filters.TEXT,
    "executionId": filters.TEXT,
    "triggerId": filters.TEXT,
    "level": filters.EITHER,
    "minLevel": filters.EITHER,
    "attemptNumber": filters.ONE_OF,
    "attempt": filters.ONE_OF,
    "startDate": filters.DATE,
    "endDate": filters.DATE,
    "timeRange": filters.EITHER,
    "scope": filters.EITHER,
}
TEXTS = {
    "namespace": "namespace",
    "flowId": "flow_id",
    "taskId": "task_id",
    "taskRunId": "task_run_id",
    "executionId": "execution_id",
    "triggerId": "trigger_id",
}
OLD_PARAMETERS = (
    ("q", Op.EQUALS),
    ("namespace", Op.PREFIX),
    ("flowId", Op.EQUALS),
    ("startDate", Op.GREATER_THAN_OR_EQUAL_TO),
    ("endDate", Op.LESS_THAN_OR_EQUAL_TO),
)
COLUMNS = (
    "id, execution_id, namespace, flow_id, task_id, task_run_id, trigger_id, attempt, at_us, level, thread, message"
)


def line_json(line: LogLine) -> dict[str, object]:
    """One line."""
    found = {
        "namespace": line.namespace,
        "flowId": line.flow_id,
        "taskId": line.task_id,
        "executionId": line.execution_id,
        "taskRunId": line.task_run_id,
        "triggerId": line.trigger_id,
        "timestamp": iso_time(line.at),
        "level": line.level,
        "thread": line.thread,
        "message": line.message,
    }
    return {name: value for name, value in found.items() if value is not None} | {"attemptNumber": line.attempt}


def level_of(text: str | None) -> str:
    """A level's name; the lowest without one.

    Raises:
        Problem: 422, no level.
    """
    if text is None or text == "":
        return LEVELS[0]
    if text not in LEVELS:
        raise illegal_argument(f"a level is one of {', '.join(LEVELS)}, found {text!r}")
    return text


def _where(request: ApiRequest) -> Where:
    where = Where()
    found = filters.parse_filters(request.query_params.multi_items(), FIELDS)
    add_all(where, found, lambda where, item: _add(where, item, request))
    query = request.query_params
    where.add("level >= ?", LEVELS.index(level_of(query.get("minLevel"))))
    for name, column in (("taskRunId", "task_run_id"), ("taskId", "task_id"), ("triggerId", "trigger_id")):
        if query.get(name):
            where.add(f"{column} = ?", query[name])
    attempt = request.integer("attempt")
    if attempt is not None:
        where.add("attempt = ?", attempt)
    return where


def _add(where: Where, item: Filter, request: ApiRequest) -> None:
    if item.field in TEXTS:
        add_text(where, TEXTS[item.field], item)
    elif item.field == "q":
        add_query(where, ("message", "task_id", "flow_id", "namespace"), item)
    elif item.field in ("level", "minLevel"):
        where.add(f"level {'<' if item.negative else '>='} ?", LEVELS.index(level_of(item.value)))
    elif item.field in ("startDate", "endDate"):
        where.add(f"at_us {COMPARE[item.op]} ?", milliseconds(item.value) * 1000)
    elif item.field == "timeRange":
        where.add(f"at_us {'<' if item.negative else '>='} ?", time_ago_us(request.context.store.now_ms, item.value))
    elif item.field == "scope":
        add_scope(where, "namespace", item)
    else:
        add_numbers(where, "attempt", item)


async def of_execution(request: ApiRequest) -> Response:
    """`GET /logs/{executionId}`: all lines, in the order of writing."""
    return json_response([line_json(line) for line in _lines(request)])


def _lines(request: ApiRequest) -> list[LogLine]:
    where = _where(request)
    where.add("execution_id = ?", request.params["execution"])
    query = f"SELECT {COLUMNS} FROM logs{where.clause} ORDER BY id"
    return request.context.store.read(
        lambda connection: [logs.line_of(row) for row in connection.execute(query, where.values)]
    )


async def download(request: ApiRequest) -> Response:
    """`GET /logs/{executionId}/download`: plain text."""
    text = "".join(f"{iso_time(line.at)} {line.level} {line.message}\n" for line in _lines(request))
    return Response(text, headers=attachment(f"{request.params['execution']}.log"), media_type="text/plain")


async def search(request: ApiRequest) -> Response:
    """`GET /logs/search`: paged, newest first."""
    where, page = _where(request), page_of(request)
    if request.context.dialect.old_search:
        _add_old(where, request)
    lines, total = request.context.store.read(lambda connection: _page(connection, where, page))
    body: dict[str, object] = {"results": [line_json(line) for line in lines], "total": total}
    return json_response(body if request.context.dialect.name == "1.3" else body | {"type": "OFFSET"})


def _add_old(where: Where, request: ApiRequest) -> None:
    query = request.query_params
    for name, op in OLD_PARAMETERS:
        if query.get(name):
            _add(where, Filter(name, op, query[name]), request)


def _page(connection: sqlite3.Connection, where: Where, page: Page) -> tuple[list[LogLine], int]:
    order = page.order({"timestamp": "at_us", "level": "level"}, "id DESC")
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM logs{where.clause}{order} LIMIT ? OFFSET ?", (*where.values, page.size, page.offset)
    ).fetchall()
    (total,) = connection.execute(f"SELECT count(*) FROM logs{where.clause}", where.values).fetchone()
    return [logs.line_of(row) for row in rows], int(total)


async def delete(request: ApiRequest) -> Response:
    """`DELETE /logs/{executionId}`."""
    id_ = request.params["execution"]
    if request.context.store.read(lambda connection: executions.head(connection, id_)) is None:
        raise not_found()
    where = _where(request)
    where.add("execution_id = ?", id_)
    await request.context.store.awrite(
        lambda connection: connection.execute(f"DELETE FROM logs{where.clause}", where.values).rowcount
    )
    return empty(200)


async def delete_of_flow(request: ApiRequest) -> Response:
    """`DELETE /logs/{ns}/{flowId}`: of one trigger with `triggerId`."""
    where = Where()
    where.add("namespace = ? AND flow_id = ?", request.params["namespace"], request.params["id"])
    trigger = request.query_params.get("triggerId")
    if trigger:
        where.add("trigger_id = ?", trigger)
    await request.context.store.awrite(
        lambda connection: connection.execute(f"DELETE FROM logs{where.clause}", where.values).rowcount
    )
    return empty(200)


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/logs/search", search),
    reads("GET", "/logs/{execution}", of_execution),
    reads("GET", "/logs/{execution}/download", download),
    writes("DELETE", "/logs/{execution}", delete),
    writes("DELETE", "/logs/{namespace}/{id}", delete_of_flow),
)
