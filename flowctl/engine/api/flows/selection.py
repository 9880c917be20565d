"""Enable, disable and delete flows, chosen by ids or by filters; each request is one transaction."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence

from starlette.responses import Response

from flowctl.engine.api.flows.checking import FlowChecker
from flowctl.engine.api.flows.search import FLOWS, matching
from flowctl.engine.api.flows.single import sound
from flowctl.engine.api.http.endpoint import Endpoint, writes
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.store.tables import flows

Key = tuple[str, str]
Act = Callable[[sqlite3.Connection, Key], bool]
_DISABLED_LINE = re.compile(r"^disabled:[^\n]*?(?=\r?$)", re.MULTILINE)


async def ids_of(request: ApiRequest) -> list[Key]:
    """The `[{namespace, id}]` of a body.

    Raises:
        Problem: 422, another shape.
    """
    body = await request.json()
    if not isinstance(body, list):
        raise illegal_argument("send a list of {namespace, id}")
    keys = []
    for item in body:
        namespace, id_ = (item.get("namespace"), item.get("id")) if isinstance(item, dict) else (None, None)
        if not isinstance(namespace, str) or not isinstance(id_, str):
            raise illegal_argument(f"not a {{namespace, id}}: {item!r}")
        keys.append((namespace, id_))
    return keys


async def _by_ids(request: ApiRequest, act: Act) -> Response:
    keys = await ids_of(request)

    def write(connection: sqlite3.Connection) -> list[Key]:
        for namespace, id_ in keys:
            head = flows.head(connection, namespace, id_)
            if head is None or head.deleted:
                raise not_found(f"flow {namespace}/{id_}")
        return [key for key in keys if act(connection, key)]

    return await _count(request, write)


async def _by_query(request: ApiRequest, act: Act) -> Response:
    where = matching(request)

    def write(connection: sqlite3.Connection) -> list[Key]:
        rows = connection.execute(f"SELECT f.namespace, f.id FROM {FLOWS}{where.clause}", where.values).fetchall()
        return [(row[0], row[1]) for row in rows if act(connection, (row[0], row[1]))]

    return await _count(request, write)


async def _count(request: ApiRequest, write: Callable[[sqlite3.Connection], Sequence[Key]]) -> Response:
    changed = await request.context.store.awrite(write)
    for namespace, id_ in changed:
        request.context.flow_changed(namespace, id_)
    return json_response({"count": len(changed)})


def _switch(request: ApiRequest, disabled: bool) -> Act:
    checker, now = request.context.checker, request.context.store.now_ms

    def act(connection: sqlite3.Connection, key: Key) -> bool:
        return switch(connection, checker, key, disabled, now)

    return act


def switch(connection: sqlite3.Connection, checker: FlowChecker, key: Key, disabled: bool, now_ms: int) -> bool:
    """Rewrite a flow's `disabled:` and save that as a new revision; False when it is so already.

    Raises:
        Problem: 422, the text with that line is not sound.
    """
    row = flows.newest(connection, *key)
    if row is None or row.disabled == disabled:
        return False
    flows.save(connection, sound(checker.check(with_disabled(row.source, disabled))), now_ms)
    return True


def with_disabled(source: str, disabled: bool) -> str:
    """The text with its top-level `disabled:` line replaced, else with one at the end on a line of its own, without
    a final newline (seen)."""
    line = f"disabled: {'true' if disabled else 'false'}"
    replaced, count = _DISABLED_LINE.subn(line, source, count=1)
    if count:
        return replaced
    return f"{source}{'' if source.endswith(chr(10)) else chr(10)}{line}"


def _delete(request: ApiRequest) -> Act:
    now = request.context.store.now_ms
    return lambda connection, key: flows.delete(connection, *key, now) is not None


async def enable_by_ids(request: ApiRequest) -> Response:
    """Only flows whose state changes are counted; an unknown id is 404 and nothing is done."""
    return await _by_ids(request, _switch(request, False))


async def disable_by_ids(request: ApiRequest) -> Response:
    """As `enable_by_ids`."""
    return await _by_ids(request, _switch(request, True))


async def enable_by_query(request: ApiRequest) -> Response:
    """Every flow that the filters name; without filters every flow."""
    return await _by_query(request, _switch(request, False))


async def disable_by_query(request: ApiRequest) -> Response:
    """As `enable_by_query`."""
    return await _by_query(request, _switch(request, True))


async def delete_by_ids(request: ApiRequest) -> Response:
    """An unknown id is 404, and nothing is deleted."""
    return await _by_ids(request, _delete(request))


async def delete_by_query(request: ApiRequest) -> Response:
    """Every flow that the filters name; without filters every flow."""
    return await _by_query(request, _delete(request))


ENDPOINTS: tuple[Endpoint, ...] = (
    writes("POST", "/flows/enable/by-ids", enable_by_ids),
    writes("POST", "/flows/disable/by-ids", disable_by_ids),
    writes("POST", "/flows/enable/by-query", enable_by_query),
    writes("POST", "/flows/disable/by-query", disable_by_query),
    writes("DELETE", "/flows/delete/by-ids", delete_by_ids),
    writes("DELETE", "/flows/delete/by-query", delete_by_query),
)
