"""What can be done to a trigger beside switching it: unlock, restart, delete, backfills (API sheet 4)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, writes
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import PART, executor_of
from flowctl.engine.api.triggers.listing import Key, bulk_answer, key_of, keys_of, read_state, selected_keys, state_json
from flowctl.engine.executor.records.secretplaces import Place, given_secrets, values_at

if TYPE_CHECKING:
    from flowctl.engine.scheduler.backfills import Backfill
    from flowctl.engine.scheduler.rows import Row

Change = Callable[[sqlite3.Connection, Key, "Row"], None]


async def _change(request: ApiRequest, key: Key, change: Change) -> Response:
    """Change one trigger and answer its state.

    Raises:
        Problem: 404, there is no such trigger; whatever `change` raises.
    """

    def write(connection: sqlite3.Connection) -> dict[str, object]:
        _changed(connection, key, change)
        return state_json(read_state(connection, key), request)

    answer = await request.context.store.awrite(write)
    request.context.flow_changed(*key[:2])
    return json_response(answer)


def _changed(connection: sqlite3.Connection, key: Key, change: Change) -> None:
    from flowctl.engine.scheduler import rows

    row = rows.one(connection, key)
    if row is None:
        raise not_found(f"trigger {'/'.join(key)}")
    change(connection, key, row)


async def _change_many(request: ApiRequest, keys: list[Key], change: Change) -> Response:
    """Change many; those that are not in the right state are passed over."""

    def write(connection: sqlite3.Connection) -> list[Key]:
        done = []
        for key in keys:
            try:
                _changed(connection, key, change)
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


def _conflict(text: str) -> Problem:
    return Problem(409, "conflict", text, prefix="Illegal state")


def _unlock(connection: sqlite3.Connection, key: Key, row: Row) -> None:
    done = connection.execute(
        "UPDATE triggers SET execution_id = NULL "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ? AND execution_id IS NOT NULL",
        key,
    )
    if done.rowcount != 1:
        raise _conflict("Trigger is not locked")


def _restart(connection: sqlite3.Connection, key: Key, row: Row) -> None:
    """Forget where the trigger stood: its next date is counted from now."""
    connection.execute(
        "UPDATE triggers SET execution_id = NULL, backfill = NULL, next_ms = NULL, over = 0, updated_ms = ? "
        "WHERE namespace = ? AND flow_id = ? AND trigger_id = ?",
        (int(datetime.now(UTC).timestamp() * 1000), *key),
    )


def _delete(connection: sqlite3.Connection, key: Key, row: Row) -> None:
    connection.execute("DELETE FROM triggers WHERE namespace = ? AND flow_id = ? AND trigger_id = ?", key)


def _pause(connection: sqlite3.Connection, key: Key, row: Row) -> None:
    _put(connection, key, _held(row), paused=True)


def _unpause(connection: sqlite3.Connection, key: Key, row: Row) -> None:
    _put(connection, key, _held(row), paused=False)


def _held(row: Row) -> Backfill:
    if row.backfill is None:
        raise _conflict("No backfill found")
    return row.backfill


def _put(connection: sqlite3.Connection, key: Key, held: Backfill, *, paused: bool) -> None:
    from dataclasses import replace

    from flowctl.engine.scheduler import rows

    next_ms = None if paused else rows.ms_of(held.current)
    rows.put_backfill(connection, key, replace(held, paused=paused), next_ms)


def _drop(connection: sqlite3.Connection, key: Key, row: Row) -> None:
    from flowctl.engine.scheduler import rows

    resume = _held(row).resume_at
    rows.put_backfill(connection, key, None, rows.ms_of(resume) if resume else None)


async def create_backfill(request: ApiRequest) -> Response:
    """`PUT /triggers/backfill/create`: `{namespace, flowId, triggerId, backfill: {start, end, inputs, labels}}`."""
    body = await request.json()
    key = key_of(body)
    wanted = body.get("backfill") if isinstance(body, Mapping) else None
    if not isinstance(wanted, Mapping):
        raise illegal_argument("backfill must be {start, end, inputs, labels}")
    start, end = _moment(wanted, "start"), _moment(wanted, "end")
    secret = await asyncio.to_thread(_secret_inputs, request, key, wanted.get("inputs"))

    def change(connection: sqlite3.Connection, key: Key, row: Row) -> None:
        _begin(connection, key, row, start, end, wanted, secret)

    return await _change(request, key, change)


def _secret_inputs(request: ApiRequest, key: Key, given: object) -> tuple[Place, ...]:
    """Where among the inputs of a backfill those are that its flow declares as SECRET; they are hidden from now on."""
    from flowctl.engine.executor.records.flowsource import UnknownFlow

    if PART not in request.context.parts:
        return ()
    services = executor_of(request.context).services
    try:
        found = given_secrets(services.flows.latest(key[0], key[1]).definition.value.get("inputs"), given)
    except UnknownFlow:
        return ()
    for value in values_at(found, given):
        services.masker.add(value)
    return tuple(found)


def _begin(
    connection: sqlite3.Connection,
    key: Key,
    row: Row,
    start: datetime,
    end: datetime,
    wanted: Mapping[str, object],
    secret: tuple[Place, ...],
) -> None:
    from flowctl.engine.scheduler import backfills, rows

    if row.backfill is not None:
        raise _conflict("A backfill is running already")
    resume_at = rows.moment_of_ms(row.next_ms) if row.next_ms else None
    inputs, labels = wanted.get("inputs"), wanted.get("labels")
    pairs = [item for item in labels if isinstance(item, dict)] if isinstance(labels, list) else []
    made = backfills.begin(
        row.definition,
        start,
        end,
        resume_at,
        inputs if isinstance(inputs, dict) else {},
        tuple((str(item.get("key")), str(item.get("value"))) for item in pairs),
        secret,
    )
    if made is None:
        raise illegal_argument(f"the trigger has no date between {start.isoformat()} and {end.isoformat()}")
    rows.put_backfill(connection, key, made, rows.ms_of(made.current))


def _moment(wanted: Mapping[str, object], name: str) -> datetime:
    text = wanted.get(name)
    if text is None and name == "end":
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise illegal_argument(f"backfill.{name} must be an ISO date-time, found {text!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def unlock(request: ApiRequest) -> Response:
    """`POST /triggers/{ns}/{flow}/{trigger}/unlock`; 409 when it is not locked."""
    return await _change(request, _path_key(request), _unlock)


async def restart(request: ApiRequest) -> Response:
    """`POST /triggers/{ns}/{flow}/{trigger}/restart`."""
    return await _change(request, _path_key(request), _restart)


async def delete(request: ApiRequest) -> Response:
    """`DELETE /triggers/{ns}/{flow}/{trigger}`: 204. The row comes back when the flow is saved with another trigger."""
    key = _path_key(request)
    await request.context.store.awrite(lambda connection: _changed(connection, key, _delete))
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


async def pause_backfill(request: ApiRequest) -> Response:
    """`PUT /triggers/backfill/pause`; 409 without a backfill."""
    return await _change(request, key_of(await request.json()), _pause)


async def unpause_backfill(request: ApiRequest) -> Response:
    """`PUT /triggers/backfill/unpause`; 409 without a backfill."""
    return await _change(request, key_of(await request.json()), _unpause)


async def delete_backfill(request: ApiRequest) -> Response:
    """`POST /triggers/backfill/delete`; 409 without a backfill."""
    return await _change(request, key_of(await request.json()), _drop)


def _bulk(path: str, change: Change) -> tuple[Endpoint, Endpoint]:
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
    writes("PUT", "/triggers/backfill/create", create_backfill),
    writes("PUT", "/triggers/backfill/pause", pause_backfill),
    writes("PUT", "/triggers/backfill/unpause", unpause_backfill),
    writes("POST", "/triggers/backfill/delete", delete_backfill),
    *_bulk("unlock", _unlock),
    *_bulk("restart", _restart),
    *_bulk("backfill/pause", _pause),
    *_bulk("backfill/unpause", _unpause),
    *_bulk("backfill/delete", _drop),
    *_bulk("delete", _delete),
    writes("DELETE", "/triggers/delete/by-triggers", delete_many),
    writes("DELETE", "/triggers/delete/by-query", delete_by_query),
)
