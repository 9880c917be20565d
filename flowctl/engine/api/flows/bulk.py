"""Many flows in one request: bulk, namespace update, and enable, disable, delete by ids or by query."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.responses import Response

from flowctl.engine.api.flows.checking import CheckedFlow
from flowctl.engine.api.flows.documents import split
from flowctl.engine.api.flows.shapes import array, read_json, saved_json
from flowctl.engine.api.http.endpoint import Endpoint, writes
from flowctl.engine.api.http.problems import ErrorItem, invalid_entity
from flowctl.engine.api.http.request import ApiRequest, decode, json_response
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import FlowRow, NewFlow, Saved

_NAMESPACE_LINE = re.compile(r"^namespace:[^\n]*?(?=\r?$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    """What a bulk write did."""

    deleted: list[FlowRow]
    saved: list[Saved]


async def bulk(request: ApiRequest) -> Response:
    """`POST /flows/bulk`: with `delete` (the default) flows that are absent go; of the whole tenant without
    `namespace`."""
    texts = split(await _bulk_text(request))
    namespace = request.query_params.get("namespace") or None
    children = request.flag("allowNamespaceChild")
    new = await _sound(request, texts, namespace, children)
    scope = namespace if request.flag("delete", True) else None
    everywhere = request.flag("delete", True) and namespace is None
    return await _write(request, new, scope, everywhere=everywhere)


async def update_namespace(request: ApiRequest) -> Response:
    """`POST /flows/{ns}`: each document is trimmed; `override` puts them into the namespace of the path."""
    namespace = request.params["namespace"]
    texts = [text.strip() for text in split(await _namespace_text(request))]
    if request.flag("override"):
        texts = [_NAMESPACE_LINE.sub(f"namespace: {namespace}", text, count=1) for text in texts]
    new = await _sound(request, texts, namespace, children=False)
    return await _write(request, new, namespace if request.flag("delete", True) else None)


async def _bulk_text(request: ApiRequest) -> str:
    return await request.yaml_text(request.context.limits.bulk_bytes, empty=True)


async def _namespace_text(request: ApiRequest) -> str:
    if request.media_type() != "multipart/form-data":
        return await _bulk_text(request)
    form = await request.form_up_to(request.context.limits.bulk_bytes)
    parts = [part for part in form.getlist("flows") if isinstance(part, UploadFile)]
    return "\n---\n".join([decode(await part.read()) for part in parts])


async def _sound(request: ApiRequest, texts: Sequence[str], namespace: str | None, children: bool) -> list[NewFlow]:
    """Every document checked before anything is written.

    Raises:
        Problem: 422 with all that is wrong.
    """
    checked = await asyncio.to_thread(lambda: [request.context.checker.check(text) for text in texts])
    errors = [error for item in checked for error in item.error_items()] if _any_bad(checked) else []
    new = [item.flow for item in checked if item.flow]
    errors += _foreign(new, namespace, children) + _doubles(new)
    if errors:
        raise invalid_entity(errors)
    return new


def _any_bad(checked: Sequence[CheckedFlow]) -> bool:
    return any(item.flow is None for item in checked)


def _foreign(new: Sequence[NewFlow], namespace: str | None, children: bool) -> list[ErrorItem]:
    def inside(found: str) -> bool:
        return namespace is None or found == namespace or (children and found.startswith(namespace))

    return [
        ErrorItem(f"main_{flow.namespace}_{flow.id} - flow namespace is invalid", "flow.namespace")
        for flow in new
        if not inside(flow.namespace)
    ]


def _doubles(new: Sequence[NewFlow]) -> list[ErrorItem]:
    ids = [flow.id for flow in new]
    return [ErrorItem("Duplicate flow id", "flow.id")] if len(set(ids)) < len(ids) else []


async def _write(
    request: ApiRequest, new: Sequence[NewFlow], scope: str | None, *, everywhere: bool = False
) -> Response:
    """Deletions first, then saves, in one transaction; the answer has the deleted ones as they were, then the saved."""
    now = request.context.store.now_ms
    kept = {(flow.namespace, flow.id) for flow in new}

    def write(connection: sqlite3.Connection) -> Change:
        there = _living(connection, None if everywhere else scope) if everywhere or scope is not None else []
        gone = [flows.delete(connection, *key, now) for key in there if key not in kept]
        return Change([row for row in gone if row], [flows.save(connection, flow, now) for flow in new])

    change = await request.context.store.awrite(write)
    touched = [row for row in change.deleted if row.has_followers]
    for row in [*touched, *(saved.row for saved in change.saved if saved.followers_touched)]:
        request.context.flow_changed(row.namespace, row.id)
    draft = request.context.dialect.says_draft
    answer = [read_json(row, source=True, draft=draft) for row in change.deleted]
    answer += [saved_json(saved, draft=draft) for saved in change.saved]
    return json_response(array(answer))


def _living(connection: sqlite3.Connection, namespace: str | None) -> list[tuple[str, str]]:
    rows = connection.execute(
        "SELECT namespace, id FROM flows WHERE deleted = 0 AND (? IS NULL OR namespace = ?) ORDER BY namespace, id",
        (namespace, namespace),
    )
    return [(row[0], row[1]) for row in rows]


ENDPOINTS: tuple[Endpoint, ...] = (
    writes("POST", "/flows/bulk", bulk),
    writes("POST", "/flows/{namespace}", update_namespace),
)
