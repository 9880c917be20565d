"""Listing triggers and switching them off and on."""

from __future__ import annotations

import csv
import io
import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from flowctl.engine.api.flows.shapes import timestamp
from flowctl.engine.api.http.attachments import attachment
from flowctl.engine.api.http.endpoint import MODERN, Endpoint, reads, writes
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.conditions import Where, add_query
from flowctl.engine.api.listing.filters import Filter, Op
from flowctl.engine.api.listing.paging import Found, fetch, page_of
from flowctl.engine.api.triggers.filters import filtered
from flowctl.engine.store.jsontext import load
from flowctl.engine.store.tables import triggers

Key = tuple[str, str, str]
COLUMNS = (
    "namespace, flow_id, trigger_id, kind, disabled, off_in_text, updated_ms, next_ms, last_ms, definition, "
    "execution_id, backfill"
)
SORTABLE = {
    "triggerId": "trigger_id",
    "flowId": "flow_id",
    "namespace": "namespace",
    "nextEvaluationDate": "next_ms",
    "nextExecutionDate": "next_ms",
    "lastTriggeredDate": "last_ms",
    "updatedAt": "updated_ms",
}


@dataclass(frozen=True, slots=True)
class TriggerState:
    """One row of the listing."""

    namespace: str
    flow_id: str
    trigger_id: str
    kind: str
    disabled: bool
    off_in_text: bool
    updated_ms: int
    next_ms: int | None
    last_ms: int | None
    definition: str
    execution_id: str | None = None
    backfill: str | None = None


async def search(request: ApiRequest) -> Response:
    """`GET /triggers/search`: paged rows of a trigger's text and its state."""
    where = filtered(request)
    return await _page(request, where, lambda row: row_json(row, request))


async def of_flow(request: ApiRequest) -> Response:
    """`GET /triggers/{ns}/{flowId}?q=`: the states alone, of those with `q` in their id."""
    where = Where()
    where.add("namespace = ? AND flow_id = ?", request.params["namespace"], request.params["id"])
    add_query(where, ("trigger_id",), Filter("q", Op.EQUALS, request.query_params.get("q", "")))
    return await _page(request, where, lambda row: state_json(row, request))


async def export_csv(request: ApiRequest) -> Response:
    """`GET /triggers/export/by-query/csv`: the triggers that the filters mean."""
    where = filtered(request)
    names = ("namespace", "flow_id", "trigger_id", "kind", "disabled")
    query = f"SELECT {', '.join(names)} FROM triggers{where.clause} ORDER BY 1, 2, 3"
    rows = await request.context.store.aread(lambda connection: connection.execute(query, where.values).fetchall())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("namespace", "flowId", "triggerId", "kind", "disabled"))
    writer.writerows((*row[:-1], str(bool(row[-1])).lower()) for row in rows)
    return Response(out.getvalue(), media_type="text/csv", headers=attachment("triggers.csv"))


async def _page(request: ApiRequest, where: Where, shape: Callable[[TriggerState], dict[str, object]]) -> Response:
    page = page_of(request)
    order = page.order(SORTABLE, "namespace, flow_id, trigger_id")

    def read(connection: sqlite3.Connection) -> Found:
        return fetch(connection, COLUMNS, "triggers" + where.clause, where.values, order, page)

    found = await request.context.store.aread(read)
    return json_response({"results": [shape(TriggerState(*row)) for row in found.rows], "total": found.total})


def row_json(row: TriggerState, request: ApiRequest) -> dict[str, object]:
    """`{trigger, state}`, and for 1.x `{abstractTrigger, triggerContext}`."""
    definition, dialect = load(row.definition), request.context.dialect
    body: dict[str, object] = {}
    if dialect.old_triggers:
        body |= {"abstractTrigger": definition, "triggerContext": _old_state(row)}
    if dialect.new_triggers:
        body |= {"trigger": definition, "state": _new_state(row)}
    return body


def state_json(row: TriggerState, request: ApiRequest) -> dict[str, object]:
    """A trigger's state with the members of the dialect's generations."""
    dialect = request.context.dialect
    old = _old_state(row) if dialect.old_triggers else {}
    return old | (_new_state(row) if dialect.new_triggers else {})


def _base(row: TriggerState) -> dict[str, object]:
    off = bool(row.disabled or row.off_in_text)
    body: dict[str, object] = {"namespace": row.namespace, "flowId": row.flow_id, "triggerId": row.trigger_id}
    body["disabled"] = off
    if row.execution_id is not None:
        body["executionId"] = row.execution_id
    if row.backfill is not None:
        body["backfill"] = load(row.backfill)
    return body


def _old_state(row: TriggerState) -> dict[str, object]:
    """A disabled trigger has no next date in 1.x (seen)."""
    body = _base(row) | {"tenantId": "main", "date": timestamp(row.last_ms or row.updated_ms)}
    if row.next_ms is not None and not body["disabled"]:
        body["nextExecutionDate"] = timestamp(row.next_ms)
    return body


def _new_state(row: TriggerState) -> dict[str, object]:
    body = _base(row) | {
        "kind": row.kind,
        "locked": row.execution_id is not None,
        "updatedAt": timestamp(row.updated_ms),
    }
    if row.next_ms is not None:
        body["nextEvaluationDate"] = timestamp(row.next_ms)
    if row.last_ms is not None:
        body["lastTriggeredDate"] = timestamp(row.last_ms)
    return body


async def set_disabled(request: ApiRequest) -> Response:
    """One trigger: `PUT /triggers/set-disabled`; answers its state."""
    body = await request.json()
    key, off = key_of(body), _flag(body)
    row = await _switch_one(request, key, off)
    return json_response(state_json(row, request))


async def _switch_one(request: ApiRequest, key: Key, off: bool) -> TriggerState:
    switch = _switching(request, off)

    def write(connection: sqlite3.Connection) -> TriggerState:
        if not switch(connection, key):
            raise not_found(f"trigger {'/'.join(key)}")
        return read_state(connection, key)

    state = await request.context.store.awrite(write)
    request.context.flow_changed(key[0], key[1])
    return state


def read_state(connection: sqlite3.Connection, key: Key) -> TriggerState:
    """The state of a trigger that is there."""
    found = connection.execute(
        f"SELECT {COLUMNS} FROM triggers WHERE namespace = ? AND flow_id = ? AND trigger_id = ?", key
    ).fetchone()
    return TriggerState(*found)


def _switching(request: ApiRequest, off: bool) -> Callable[[sqlite3.Connection, Key], bool]:
    """Switches one trigger; `?recover=true` (ours): with the date at which it was switched off."""
    now_ms, recover = request.context.store.now_ms, request.flag("recover")
    return lambda connection, key: triggers.switch(connection, key, off=off, now_ms=now_ms, recover=recover)


async def set_many_disabled(request: ApiRequest) -> Response:
    """`POST /triggers/set-disabled/by-triggers` with `{triggers: […], disabled}`."""
    body = await request.json()
    return await _switch_many(request, keys_of(body), _flag(body))


async def set_disabled_by_query(request: ApiRequest) -> Response:
    """`POST /triggers/set-disabled/by-query?disabled=` with filters."""
    return await _switch_many(request, await selected_keys(request), request.flag("disabled"))


async def _switch_many(request: ApiRequest, keys: Sequence[Key], off: bool) -> Response:
    switch = _switching(request, off)
    count = await request.context.store.awrite(lambda c: sum(switch(c, key) for key in keys))
    for namespace, flow_id, _ in keys:
        request.context.flow_changed(namespace, flow_id)
    return bulk_answer(request, count)


async def selected_keys(request: ApiRequest, more: Sequence[tuple[str, str]] = ()) -> list[Key]:
    """The triggers that a request's filters select, and those of a body written as they would be in a query."""
    where = filtered(request, more)

    def read(connection: sqlite3.Connection) -> list[Key]:
        sql = f"SELECT namespace, flow_id, trigger_id FROM triggers{where.clause}"
        return connection.execute(sql, where.values).fetchall()

    return await request.context.store.aread(read)


def bulk_answer(request: ApiRequest, count: int) -> Response:
    """How a bulk operation over triggers ends: 1.x 200 with a count, 2.0 202 with an operation."""
    if not request.context.dialect.new_triggers:
        return json_response({"count": count})
    body: dict[str, object] = {"operationId": str(uuid.uuid4()), "totalItems": count}
    return json_response(body | ({"count": count} if request.context.dialect.old_triggers else {}), 202)


def keys_of(body: object) -> list[Key]:
    """The triggers that a bulk request names: a list, or `{triggers: […]}`.

    Raises:
        Problem: 422, it is neither.
    """
    items = body.get("triggers") if isinstance(body, Mapping) else body
    if not isinstance(items, list):
        raise illegal_argument("send {triggers: [{namespace, flowId, triggerId}]}")
    return [key_of(item) for item in items]


def key_of(body: object) -> Key:
    """The trigger that a body names.

    Raises:
        Problem: 422, it names none.
    """
    found: Sequence[object] = ()
    if isinstance(body, Mapping):
        found = [body.get(name) for name in ("namespace", "flowId", "triggerId")]
    texts = [item for item in found if isinstance(item, str)]
    if len(texts) != 3:
        raise illegal_argument("a trigger is named by namespace, flowId and triggerId")
    return texts[0], texts[1], texts[2]


def _flag(body: object) -> bool:
    value = body.get("disabled") if isinstance(body, Mapping) else None
    if not isinstance(value, bool):
        raise illegal_argument("disabled must be true or false")
    return value


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/triggers/search", search),
    reads("GET", "/triggers/export/by-query/csv", export_csv),
    reads("GET", "/triggers/{namespace}/{id}", of_flow),
    writes("PUT", "/triggers/set-disabled", set_disabled, dialects=MODERN),
    writes("POST", "/triggers/set-disabled/by-triggers", set_many_disabled),
    writes("POST", "/triggers/set-disabled/by-query", set_disabled_by_query),
)
