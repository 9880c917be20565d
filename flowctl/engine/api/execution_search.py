"""Listing executions (API sheet 3.3): filters, paging, totals from counters where the filters allow it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from flowctl.engine.api import filters
from flowctl.engine.api.conditions import Where, add_query, add_scope, add_text, milliseconds
from flowctl.engine.api.endpoint import Endpoint, reads
from flowctl.engine.api.execution_json import row_json
from flowctl.engine.api.filters import Filter, Op
from flowctl.engine.api.old_execution_search import old_filters
from flowctl.engine.api.paging import Page, page_of
from flowctl.engine.api.problems import illegal_argument
from flowctl.engine.api.request import ApiRequest, json_response
from flowctl.engine.executor.records import Execution
from flowctl.engine.store import executions
from flowctl.engine.store.execution_rows import COLUMNS, execution_of

FIELDS: filters.Fields = {
    "q": filters.EITHER,
    "scope": filters.EITHER,
    "namespace": filters.TEXT,
    "flowId": filters.TEXT,
    "state": filters.ONE_OF,
    "kind": filters.ONE_OF,
    "labels": filters.LABELS,
    "triggerExecutionId": filters.EITHER,
    "triggerId": filters.TEXT,
    "childFilter": filters.EITHER,
    "startDate": filters.DATE,
    "endDate": filters.DATE,
    "timeRange": filters.EITHER,
    "parentId": filters.EITHER,
    "flowRevision": filters.ONE_OF,
}
TEXTS = {"namespace": "namespace", "flowId": "flow_id", "state": "state", "triggerId": "trigger_id"}
SORTABLE = {
    "id": "id",
    "namespace": "namespace",
    "flowId": "flow_id",
    "state.current": "state",
    "state.startDate": "created_us",
    "state.endDate": "ended_us",
    "state.duration": "ended_us - created_us",
    "startDate": "created_us",
    "endDate": "ended_us",
}
COUNTABLE = frozenset({"namespace", "flowId", "state"})


@dataclass(slots=True)
class Selection:
    """Which executions are meant. `counted` are the filters that the counters can answer; None when not all can."""

    where: Where
    counted: list[Filter] | None


def selection_of(request: ApiRequest, extra: Sequence[Filter] = ()) -> Selection:
    """The executions that a request's filters mean; iterations of Loops only when a filter asks for their kind.

    Raises:
        Problem: 422, a filter that cannot be.
    """
    found = [*filters.parse_filters(request.query_params.multi_items(), FIELDS), *extra]
    if not found and request.context.dialect.old_search:
        found = list(old_filters(request))
    where = Where()
    if not any(item.field == "kind" for item in found):
        where.add("shown = 1")
    for item in found:
        _add(where, item, request)
    countable = all(item.field in COUNTABLE and item.op in (Op.EQUALS, Op.IN) for item in found)
    return Selection(where, found if countable else None)


def _add(where: Where, item: Filter, request: ApiRequest) -> None:
    if item.field in TEXTS:
        add_text(where, TEXTS[item.field], item)
    elif item.field == "q":
        add_query(where, ("namespace", "flow_id", "id"), item)
    elif item.field == "scope":
        add_scope(where, "namespace", item)
    elif item.field == "labels":
        _add_label(where, item)
    elif item.field == "kind":
        _add_kind(where, item)
    elif item.field in ("triggerExecutionId", "parentId"):
        where.add(f"parent_id {'<>' if item.negative else '='} ?", item.value)
    elif item.field == "childFilter":
        where.add("parent_id IS NOT NULL" if item.value == "CHILD" else "parent_id IS NULL")
    elif item.field == "flowRevision":
        where.add(f"revision {'<>' if item.negative else '='} ?", int(item.value))
    else:
        _add_time(where, item, request)


def _add_kind(where: Where, item: Filter) -> None:
    normal = "NORMAL" in item.values
    marks = ", ".join("?" for _ in item.values)
    test = f"kind IN ({marks})" + (" OR kind IS NULL" if normal else "")
    where.add(f"NOT ({test})" if item.negative else test, *item.values)


def _add_label(where: Where, item: Filter) -> None:
    test = "instr(lower(value), lower(?)) > 0" if item.op is Op.CONTAINS else "value = ?"
    hits = " OR ".join(test for _ in item.values)
    part = f"SELECT execution_id FROM execution_labels WHERE key = ? AND ({hits})"
    where.add(f"id {'NOT IN' if item.negative else 'IN'} ({part})", item.key, *(v.strip() for v in item.values))


_COMPARE = {
    Op.EQUALS: "=",
    Op.NOT_EQUALS: "<>",
    Op.GREATER_THAN: ">",
    Op.LESS_THAN: "<",
    Op.GREATER_THAN_OR_EQUAL_TO: ">=",
    Op.LESS_THAN_OR_EQUAL_TO: "<=",
}


def _add_time(where: Where, item: Filter, request: ApiRequest) -> None:
    if item.field == "timeRange":
        from flowctl.engine.executor.durations import micros

        try:
            length = micros(item.value)
        except ValueError as error:
            raise illegal_argument(str(error)) from None
        where.add("created_us >= ?", request.context.store.now_ms * 1000 - length)
        return
    column = "created_us" if item.field == "startDate" else "ended_us"
    where.add(f"{column} {_COMPARE[item.op]} ?", milliseconds(item.value) * 1000)


async def search(request: ApiRequest) -> Response:
    """`GET /executions/search`."""
    return _listing(request, selection_of(request))


async def of_flow(request: ApiRequest) -> Response:
    """`GET /executions?namespace=&flowId=`."""
    wanted = [
        Filter("namespace", Op.EQUALS, request.required("namespace")),
        Filter("flowId", Op.EQUALS, request.required("flowId")),
    ]
    return _listing(request, selection_of(request, wanted), "created_us, rowid")


def _listing(request: ApiRequest, selection: Selection, default: str = "created_us DESC, rowid DESC") -> Response:
    page = page_of(request)
    whole = request.context.dialect.name == "1.3"
    found, total = request.context.store.read(lambda c: fetch(c, selection, page, default, whole=whole))
    rows = [row_json(execution, request.context.dialect) for execution in found]
    return json_response({"results": rows, "total": total})


def fetch(
    connection: sqlite3.Connection, selection: Selection, page: Page, default: str, *, whole: bool = False
) -> tuple[list[Execution], int]:
    """The executions of a page in the order that is asked for, then `default`, and how many there are in all.

    `whole` reads their task runs as well."""
    order = page.order(SORTABLE, default)
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM executions{selection.where.clause}{order} LIMIT ? OFFSET ?",
        (*selection.where.values, page.size, page.offset),
    ).fetchall()
    found = [execution_of(row) for row in rows]
    if whole:
        found = [executions.read(connection, execution.id) or execution for execution in found]
    return found, total_of(connection, selection)


def total_of(connection: sqlite3.Connection, selection: Selection) -> int:
    """How many executions are meant: from the counters where they can say, else counted."""
    where = selection.where
    source = "executions"
    if selection.counted is not None:
        source, count = "execution_counts", "coalesce(sum(number), 0)"
    else:
        count = "count(*)"
    (total,) = connection.execute(f"SELECT {count} FROM {source}{where.clause}", where.values).fetchone()
    return int(total)


def ids_of(connection: sqlite3.Connection, selection: Selection, most: int) -> list[str]:
    """The ids of the executions that are meant, oldest first."""
    rows = connection.execute(
        f"SELECT id FROM executions{selection.where.clause} ORDER BY created_us LIMIT ?",
        (*selection.where.values, most),
    )
    return [row[0] for row in rows]


async def latest(request: ApiRequest) -> Response:
    """`POST /executions/latest`: body `[{namespace, id}]`, the newest execution of each flow."""
    body = await request.json()
    if not isinstance(body, list):
        raise illegal_argument("the body must be a list of {namespace, id}")
    rows = []
    for item in body[:1000]:
        if isinstance(item, dict):
            found = _newest(request, str(item.get("namespace")), str(item.get("id")))
            if found is not None:
                rows.append(_latest_row(found))
    return json_response(rows)


def _newest(request: ApiRequest, namespace: str, id_: str) -> Execution | None:
    return request.context.store.read(lambda connection: executions.newest_of_flow(connection, namespace, id_))


def _latest_row(execution: Execution) -> dict[str, object]:
    from flowctl.engine.executor.times import iso_time

    return {
        "id": execution.id,
        "flowId": execution.flow_id,
        "namespace": execution.namespace,
        "startDate": iso_time(execution.history[0][1]),
        "status": execution.state,
    }


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/executions/search", search),
    reads("GET", "/executions", of_flow),
    reads("POST", "/executions/latest", latest),
)
