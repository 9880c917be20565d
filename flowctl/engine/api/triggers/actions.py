"""What can be done to a trigger beside switching it: unlock, restart, delete."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, writes
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import conflict
from flowctl.engine.api.triggers.listing import Key, bulk_answer, keys_of, read_state, selected_keys, state_json

if TYPE_CHECKING:
    from flowctl.engine.scheduler.rows import Row

Change = Callable[[sqlite3.Connection, Key, "Row", int], None]
"""What is done to the row of a trigger, at a time in milliseconds since 1970."""


async def change_one(request: ApiRequest, key: Key, change: Change) -> Response:
    """Change one trigger and answer its state.

    Raises:
        Problem: 404, there is no such trigger; whatever `change` raises.
    """
    now_ms = request.context.store.now_ms

    def write(connection: sqlite3.Connection) -> dict[str, object]:
        _changed(connection, key, change, now_ms)
        return state_json(read_state(connection, key), request)

    answer = await request.context.store.awrite(write)
    request.context.flow_changed(*key[:2])
    return json_response(answer)


def _changed(connection: sqlite3.Connection, key: Key, change: Change, now_ms: int) -> None:
    from flowctl.engine.scheduler import rows

    row = rows.one(connection, key)
    if row is None:
        raise not_found(f"trigger {'/'.join(key)}")
    change(connection, key, row, now_ms)


async def _change_many(request: ApiRequest, keys: list[Key], change: Change) -> Response:
    """Change many; those that are not in the right state are passed over."""
    now_ms = request.context.store.now_ms

    def write(connection: sqlite3.Connection) -> list[Key]:
        done = []
        for key in keys:
            try:
                _changed(connection, key, change, now_ms)
            except Problem:
                continue
            done.append(key)
        return done

    done = await request.context.store.awrite(write)
    for namespace, flow_id, _ in done:
        request.context.flow_changed(namespace, flow_id)
    return bulk_answer(request, len(done))


def _path_key(request: ApiRequest) -> Key:
    return request.params["namespace"], request.params["id"], request.params["trigger"]


def _unlock(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
    done = connection.execute(
        "UPDATE triggers SET execution_id = NULL "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ? AND execution_id IS NOT NULL",
        key,
    )
    if done.rowcount != 1:
        raise conflict("Trigger is not locked")


def _restart(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
    """Forget where the trigger stood: its next date is counted from now."""
    connection.execute(
        "UPDATE triggers SET execution_id = NULL, backfill = NULL, next_ms = NULL, over = 0, updated_ms = ? "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ?",
        (now_ms, *key),
    )


def _delete(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
    connection.execute("DELETE FROM triggers WHERE namespace = ? AND flow_id = ? AND trigger_id = ?", key)


async def unlock(request: ApiRequest) -> Response:
    """`POST /triggers/{ns}/{flow}/{trigger}/unlock`; 409 when it is not locked."""
    return await change_one(request, _path_key(request), _unlock)


async def restart(request: ApiRequest) -> Response:
    """`POST /triggers/{ns}/{flow}/{trigger}/restart`."""
    return await change_one(request, _path_key(request), _restart)


async def delete(request: ApiRequest) -> Response:
    """`DELETE /triggers/{ns}/{flow}/{trigger}`: 204. The row comes back when the flow is saved with another trigger."""
    key, now_ms = _path_key(request), request.context.store.now_ms
    await request.context.store.awrite(lambda connection: _changed(connection, key, _delete, now_ms))
    return Response(status_code=204)


async def delete_many(request: ApiRequest) -> Response:
    """`DELETE /triggers/delete/by-triggers`: body a list of triggers."""
    return await _change_many(request, keys_of(await request.json()), _delete)


async def delete_by_query(request: ApiRequest) -> Response:
    """`DELETE /triggers/delete/by-query`: filters in the query, or in the body as `{filters: [{field, operation,
    value}]}`."""
    body = await request.json() if request.headers.get("content-length", "0") != "0" else {}
    items = body.get("filters") if isinstance(body, Mapping) else None
    more = [_query_pair(item) for item in items] if isinstance(items, list) else []
    return await _change_many(request, await selected_keys(request, more), _delete)


def _query_pair(item: object) -> tuple[str, str]:
    """A filter of a body as it would stand in a query."""
    if not isinstance(item, Mapping):
        raise illegal_argument("a filter is {field, operation, value}")
    value = item.get("value")
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"filters[{item.get('field')}][{item.get('operation')}]", text


def bulk(path: str, change: Change) -> tuple[Endpoint, Endpoint]:
    """The routes that do something to many triggers, named one by one and by a query."""

    async def by_triggers(request: ApiRequest) -> Response:
        return await _change_many(request, keys_of(await request.json()), change)

    async def by_query(request: ApiRequest) -> Response:
        return await _change_many(request, await selected_keys(request), change)

    return (
        writes("POST", f"/triggers/{path}/by-triggers", by_triggers),
        writes("POST", f"/triggers/{path}/by-query", by_query),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    writes("POST", "/triggers/{namespace}/{id}/{trigger}/unlock", unlock),
    writes("POST", "/triggers/{namespace}/{id}/{trigger}/restart", restart),
    writes("DELETE", "/triggers/{namespace}/{id}/{trigger}", delete),
    *bulk("unlock", _unlock),
    *bulk("restart", _restart),
    *bulk("delete", _delete),
    writes("DELETE", "/triggers/delete/by-triggers", delete_many),
    writes("DELETE", "/triggers/delete/by-query", delete_by_query),
)
