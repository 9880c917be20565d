"""Backfills by the routes of either generation: begun, held, continued, dropped."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import LEGACY, MODERN, Endpoint, writes
from flowctl.engine.api.http.problems import Problem, bad_request, illegal_argument
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.runtime import PART, conflict, executor_of
from flowctl.engine.api.triggers.actions import Change, bulk, change_one
from flowctl.engine.api.triggers.listing import Key, key_of, set_disabled
from flowctl.engine.executor.records.secretplaces import Place, given_secrets, values_at
from flowctl.engine.store.tables.triggers import SCHEDULE, switch

if TYPE_CHECKING:
    from flowctl.engine.scheduler.backfills import Backfill
    from flowctl.engine.scheduler.rows import Row

FIRST_YEAR, LAST_YEAR = 2, 9998
"""What has a date before it and one after it, in any zone."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for. `refusal` is how its generation of the API refuses what cannot be."""

    start: datetime
    end: datetime
    inputs: Mapping[str, object]
    labels: tuple[tuple[str, str], ...]
    secret: tuple[Place, ...]
    paused: bool
    refusal: Callable[[str], Problem]


async def create(request: ApiRequest) -> Response:
    """`PUT /triggers/backfill/create` (2.0): `{namespace, flowId, triggerId, backfill: {start, end, inputs, labels}}`;
    409 while one is running."""
    body = await request.json()
    key = key_of(body)
    wanted = await _wanted(request, key, _map_of(body), illegal_argument)

    def change(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
        if row.backfill is not None:
            raise conflict("A backfill is running already")
        _begin(connection, key, row, wanted)

    return await change_one(request, key, change)


async def update(request: ApiRequest) -> Response:
    """`PUT /triggers` (1.x): a whole trigger. With a backfill that one begins, in place of one that is running, and the
    trigger stays as switched as it was; without, or with the one that is running, it is switched off or on."""
    body = await request.json()
    if not isinstance(body, Mapping) or body.get("backfill") is None:
        return await set_disabled(request)
    key, given = key_of(body), _map_of(body)
    if given.get("start") is None:
        raise bad_request("backfill.start is missing: give the first date, such as 2026-03-01T00:00:00Z")
    wanted = await _wanted(request, key, given, bad_request)
    off = body.get("disabled")

    def change(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
        if not _is_sent_back(given, wanted, row.backfill):
            _begin(connection, key, row, wanted)
        elif isinstance(off, bool):
            switch(connection, key, off=off, now_ms=now_ms)

    return await change_one(request, key, change)


def _map_of(body: object) -> Mapping[str, object]:
    given = body.get("backfill") if isinstance(body, Mapping) else None
    if not isinstance(given, Mapping):
        raise illegal_argument("backfill must be {start, end, inputs, labels}")
    return given


def _is_sent_back(given: Mapping[str, object], wanted: Wanted, held: Backfill | None) -> bool:
    """Whether it is the backfill that is running: a client sends the trigger back as it has read it."""
    return held is not None and "currentDate" in given and (held.start, held.end) == (wanted.start, wanted.end)


async def _wanted(
    request: ApiRequest, key: Key, given: Mapping[str, object], refusal: Callable[[str], Problem]
) -> Wanted:
    inputs, start = given.get("inputs"), _moment(given, "start")
    end = _moment(given, "end") if given.get("end") is not None else request.context.store.clock()
    if end < start:
        last = "now" if given.get("end") is None else end.isoformat()
        raise refusal(f"the end of the backfill, {last}, lies before its start, {start.isoformat()}")
    return Wanted(
        start,
        end,
        inputs if isinstance(inputs, dict) else {},
        _labels(given.get("labels")),
        await asyncio.to_thread(_secret_inputs, request, key, inputs),
        given.get("paused") is True,
        refusal,
    )


def _moment(wanted: Mapping[str, object], name: str) -> datetime:
    text = wanted.get(name)
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise illegal_argument(f"backfill.{name} must be an ISO date-time, found {text!r}") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise illegal_argument(f"backfill.{name} must be of the years {FIRST_YEAR} to {LAST_YEAR}, found {text!r}")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _labels(given: object) -> tuple[tuple[str, str], ...]:
    """Labels as a list of `{key, value}`, or as a map."""
    if isinstance(given, dict):
        return tuple((str(key), str(value)) for key, value in given.items())
    pairs = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    return tuple((str(item.get("key")), str(item.get("value"))) for item in pairs)


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


def _begin(connection: sqlite3.Connection, key: Key, row: Row, wanted: Wanted) -> None:
    from flowctl.engine.scheduler import backfills

    if row.kind != SCHEDULE:
        raise wanted.refusal(f"the trigger is no schedule but a {row.definition.get('type')}: it has no dates")
    made = backfills.begin(
        row.definition, wanted.start, wanted.end, _own_date(row), wanted.inputs, wanted.labels, wanted.secret
    )
    if made is None:
        span = f"{wanted.start.isoformat()} and {wanted.end.isoformat()}"
        raise wanted.refusal(f"the trigger has no date between {span}")
    _put(connection, key, made, paused=wanted.paused)


def _own_date(row: Row) -> datetime | None:
    """Where the trigger's own dates go on after a backfill, one that is replaced included."""
    from flowctl.engine.scheduler import rows

    if row.backfill is not None:
        return row.backfill.resume_at
    return rows.moment_of_ms(row.next_ms) if row.next_ms else None


def _put(connection: sqlite3.Connection, key: Key, held: Backfill, *, paused: bool) -> None:
    from flowctl.engine.scheduler import rows

    next_ms = None if paused else rows.ms_of(held.current)
    rows.put_backfill(connection, key, replace(held, paused=paused), next_ms)


def _held(row: Row) -> Backfill:
    if row.backfill is None:
        raise conflict("No backfill found")
    return row.backfill


def _pause(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
    _put(connection, key, _held(row), paused=True)


def _unpause(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
    _put(connection, key, _held(row), paused=False)


def _drop(connection: sqlite3.Connection, key: Key, row: Row, now_ms: int) -> None:
    from flowctl.engine.scheduler import rows

    resume = _held(row).resume_at
    rows.put_backfill(connection, key, None, rows.ms_of(resume) if resume else None)


def _of_one(method: str, name: str, change: Change) -> Endpoint:
    """The route that changes one trigger's backfill; 409 without one, and 400 in 1.x."""

    async def handle(request: ApiRequest) -> Response:
        try:
            return await change_one(request, key_of(await request.json()), change)
        except Problem as refusal:
            if refusal.status != 409 or request.context.dialect.new_triggers:
                raise
            raise bad_request(refusal.detail) from None

    return writes(method, f"/triggers/backfill/{name}", handle)


ENDPOINTS: tuple[Endpoint, ...] = (
    writes("PUT", "/triggers", update, dialects=LEGACY),
    writes("PUT", "/triggers/backfill/create", create, dialects=MODERN),
    _of_one("PUT", "pause", _pause),
    _of_one("PUT", "unpause", _unpause),
    _of_one("POST", "delete", _drop),
    *bulk("backfill/pause", _pause),
    *bulk("backfill/unpause", _unpause),
    *bulk("backfill/delete", _drop),
)
