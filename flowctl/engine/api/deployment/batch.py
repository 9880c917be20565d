"""`POST /flowctl/batch`: many writes in one transaction, each behind a fence, all or nothing."""

from __future__ import annotations

import asyncio
import sqlite3

from starlette.responses import Response

from flowctl.engine.api.deployment.batch_operations import Done, Operation, read_operations
from flowctl.engine.api.flows.checking import FlowChecker
from flowctl.engine.api.http.endpoint import Endpoint, Scope, writes
from flowctl.engine.api.http.problems import ErrorItem, Problem, illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.store.jsontext import load
from flowctl.engine.store.store import Store
from flowctl.engine.store.tables.files import NotPossible

FORMAT_MAJOR = "1"


class Conflicts(Exception):
    """Fences that did not hold; nothing was written."""

    def __init__(self, items: list[dict[str, object]]) -> None:
        super().__init__("conflicts")
        self.items = items


async def batch(request: ApiRequest) -> Response:
    """200 with one result per operation; 409 with the fences that did not hold; 422 with what is unsound."""
    body = await request.bytes_up_to(request.context.limits.bulk_bytes)
    operations = await asyncio.to_thread(_prepare, body, request.context.checker, request.context.limits.value_bytes)
    try:
        done = await _run(request.context.store, operations)
    except Conflicts as conflicts:
        raise Problem(
            409,
            "conflict",
            f"{len(conflicts.items)} objects moved since the plan; nothing was written",
            extra={"conflicts": conflicts.items},
        ) from None
    except NotPossible as error:
        raise illegal_argument(f"{error}; nothing was written") from None
    for operation, result in zip(operations, done, strict=True):
        if result.followers_touched:
            request.context.flow_changed(operation.namespace, operation.name)
    return json_response({"results": [{"revision": item.revision, "digest": item.digest} for item in done]})


def _prepare(body: bytes, checker: FlowChecker, value_bytes: int) -> list[Operation]:
    try:
        data = load(body)
    except ValueError as error:
        raise Problem(422, "invalid-json", str(error)) from None
    if not isinstance(data, dict) or str(data.get("format", "")).partition(".")[0] != FORMAT_MAJOR:
        raise illegal_argument("send a batch of format 1.x")
    operations, errors = read_operations(data.get("operations"), checker, value_bytes)
    if errors:
        items = [ErrorItem(message, f"operations[{index}]{path}") for index, path, message in errors]
        raise Problem(422, "validation-failed", prefix="Invalid entity", errors=items)
    return operations


async def _run(store: Store, operations: list[Operation]) -> list[Done]:
    now = store.now_ms

    def write(connection: sqlite3.Connection) -> list[Done]:
        conflicts = [found for index, item in enumerate(operations) if (found := _fence(connection, index, item, now))]
        if conflicts:
            raise Conflicts(conflicts)
        return [operation.apply(connection, now) for operation in operations]

    return await store.awrite(write)


def _fence(connection: sqlite3.Connection, index: int, item: Operation, now: int) -> dict[str, object] | None:
    target = item.target
    if not target.fenced:
        return None
    found = item.current(connection, now)
    if found == target.expected:
        return None
    return {"index": index, "address": item.address, "expected": target.expected, "found": found}


ENDPOINTS: tuple[Endpoint, ...] = (writes("POST", "/flowctl/batch", batch, scope=Scope.BOTH),)
