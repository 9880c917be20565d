"""Listing executions: filters, paging, totals from counters where the filters allow it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from starlette.responses import Response

from flowctl.engine.api.executions.old_search import old_filters
from flowctl.engine.api.executions.shown import row_json
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing import filters
from flowctl.engine.api.listing.conditions import (
    Where,
    add_all,
    add_numbers,
    add_query,
    add_scope,
    add_text,
)
from flowctl.engine.api.listing.execution_dates import TIMES, add_time, dates_of
from flowctl.engine.api.listing.filters import Condition, Filter, Group, Op
from flowctl.engine.api.listing.paging import Page, page_of
from flowctl.engine.api.runtime import hide_secrets
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.tables import executions
from flowctl.engine.store.tables.execution_rows import COLUMNS, execution_of

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
COUNTABLE = frozenset({"namespace", "flowId", "state", "scope"})
"""Filters whose columns the counters have as well, under the same names."""
BY_LABEL = "execution_labels CROSS JOIN executions ON executions.id = execution_id"
BY_LABEL_ORDER = "at_us DESC, executions.rowid DESC"


@dataclass(slots=True)
class Selection:
    """Which executions are meant. `counted` says that the counters can answer how many there are; `label` is the one
    label that they all have (key and value) and that `where` does not speak of."""

    where: Where
    counted: bool
    label: Filter | None = None


def selection_of(request: ApiRequest, extra: Sequence[Filter] = (), *, by_label: bool = False) -> Selection:
    """The executions that a request's filters mean; iterations of Loops only when a filter asks for their kind.

    `by_label`: the first filter by one label may be kept apart, as `Selection.label`.

    Raises:
        Problem: 422, a filter that cannot be.
    """
    found: list[Condition] = [*filters.parse_filters(request.query_params.multi_items(), FIELDS), *extra]
    if not found and request.context.dialect.old_search:
        found = list(old_filters(request))
    where = Where()
    if not any(item.field == "kind" for item in filters.leaves(found)):
        where.add("shown = 1")
    label = next((item for item in found if by_label and _leads(item)), None)
    kept = [item for item in found if item is not label]
    _add_kept(where, kept, request)
    alone = len(found) == 1 and label is not None
    return Selection(where, alone or all(item.field in COUNTABLE for item in filters.leaves(found)), label)


def _add_kept(where: Where, kept: Sequence[Condition], request: ApiRequest) -> None:
    """All conditions; where `dateFilter` names two dates, all must hold for the one, or all for the other."""
    columns = dates_of(request)
    if len(columns) == 1 or not any(item.field in TIMES for item in filters.leaves(kept)):
        add_all(where, kept, lambda where, item: _add(where, item, request, columns[0]))
        return
    either = [_about(column, kept, request) for column in columns]
    tests = (" AND ".join(f"({test})" for test in part.parts) for part in either)
    where.add(" OR ".join(f"({test})" for test in tests), *(value for part in either for value in part.values))


def _about(column: str | None, kept: Sequence[Condition], request: ApiRequest) -> Where:
    where = Where()
    add_all(where, kept, lambda where, item: _add(where, item, request, column))
    return where


def _leads(item: Condition) -> TypeGuard[Filter]:
    """Whether a filter is by one label for which there is an index in the order of listings."""
    if isinstance(item, Group):
        return False
    return item.field == "labels" and item.op is Op.EQUALS and not str(item.key).lower().startswith("system.")


def _add(where: Where, item: Filter, request: ApiRequest, date: str | None) -> None:
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
        _add_child(where, item)
    elif item.field == "flowRevision":
        add_numbers(where, "revision", item)
    else:
        add_time(where, item, request, date)


def _add_child(where: Where, item: Filter) -> None:
    if item.value not in ("CHILD", "MAIN"):
        raise illegal_argument(f"childFilter must be CHILD or MAIN, found {item.value!r}")
    child = (item.value == "CHILD") != item.negative
    where.add("parent_id IS NOT NULL" if child else "parent_id IS NULL")


def _add_kind(where: Where, item: Filter) -> None:
    normal = "NORMAL" in item.values
    marks = ", ".join("?" for _ in item.values)
    test = f"kind IN ({marks})" + (" OR kind IS NULL" if normal else "")
    where.add(f"NOT ({test})" if item.negative else test, *item.values)


def _add_label(where: Where, item: Filter) -> None:
    test = "instr(lower(value), lower(?)) > 0" if item.op is Op.CONTAINS else "value = ?"
    hits = " OR ".join(test for _ in item.values)
    part = f"SELECT execution_id FROM execution_labels WHERE key = ? AND ({hits})"
    if not str(item.key).lower().startswith("system."):
        part += " AND key NOT LIKE 'system.%'"  # as the index says it of itself
    where.add(f"id {'NOT IN' if item.negative else 'IN'} ({part})", item.key, *(v.strip() for v in item.values))


async def search(request: ApiRequest) -> Response:
    """`GET /executions/search`."""
    return _listing(request, selection_of(request, by_label=True))


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
    hide_secrets(request.context, found)
    rows = [row_json(execution, request.context) for execution in found]
    return json_response({"results": rows, "total": total})


def fetch(
    connection: sqlite3.Connection, selection: Selection, page: Page, default: str, *, whole: bool = False
) -> tuple[list[Execution], int]:
    """The executions of a page in the order that is asked for, then `default`, and how many there are in all.

    `whole` reads their task runs as well."""
    order = page.order(SORTABLE, BY_LABEL_ORDER if selection.label else default)
    total = total_of(connection, selection)
    if not total:
        return [], 0
    source, clause, values = _meant(selection)
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM {source}{clause}{order} LIMIT ? OFFSET ?", (*values, page.size, page.offset)
    ).fetchall()
    found = [execution_of(connection, row) for row in rows]
    if whole:
        found = [executions.read(connection, execution.id) or execution for execution in found]
    return found, total


def _meant(selection: Selection) -> tuple[str, str, list[object]]:
    """Where the executions are read from, the `WHERE` clause and its values."""
    where, label = selection.where, selection.label
    if label is None:
        return "executions", where.clause, where.values
    parts = ["key = ? AND key NOT LIKE 'system.%'", "value = ?", *where.parts]
    narrowed = Where(parts, [label.key, label.value.strip(), *where.values])
    return BY_LABEL, narrowed.clause, narrowed.values


def total_of(connection: sqlite3.Connection, selection: Selection) -> int:
    """How many executions are meant: from the counters where they can say, else counted."""
    source, clause, values = _meant(selection)
    count = "coalesce(sum(number), 0)" if selection.counted else "count(*)"
    if selection.counted and selection.label is not None:
        source, clause, values = "label_counts", " WHERE key = ? AND value = ?", values[:2]
    elif selection.counted:
        source = "execution_counts"
    (total,) = connection.execute(f"SELECT {count} FROM {source}{clause}", values).fetchone()
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
    from flowctl.engine.executor.records.times import iso_time

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
