"""Single flows: create, read, update, delete, and their revisions."""

from __future__ import annotations

import asyncio
import sqlite3

from starlette.responses import Response

from flowctl.engine.api.flows.checking import CheckedFlow, draft_flow
from flowctl.engine.api.flows.shapes import array, read_json, saved_json
from flowctl.engine.api.http.endpoint import Endpoint, reads, writes
from flowctl.engine.api.http.problems import (
    ErrorItem,
    Problem,
    illegal_argument,
    invalid_entity,
    invalid_parameter,
    not_found,
)
from flowctl.engine.api.http.request import ApiRequest, empty, json_response
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import NewFlow, Saved

INLINE_TEXT = 16 * 1024


async def check_text(request: ApiRequest, text: str) -> CheckedFlow:
    """Check a text; a long one on a thread of its own, so that other requests go on."""
    checker = request.context.checker
    return checker.check(text) if len(text) <= INLINE_TEXT else await asyncio.to_thread(checker.check, text)


def sound(checked: CheckedFlow) -> NewFlow:
    """What can be saved.

    Raises:
        Problem: 422 with every error and its place.
    """
    if checked.flow is None:
        raise invalid_entity(checked.error_items())
    return checked.flow


def drafted(checked: CheckedFlow, text: str) -> NewFlow:
    """What is kept of a draft: its errors do not matter, as long as it says which flow it is of.

    Raises:
        Problem: 422, it cannot be read, or its id or namespace cannot be.
    """
    if checked.flow is not None:
        return checked.flow
    value, errors = checked.value, checked.error_items()
    named = value is not None and all(isinstance(value.get(name), str) for name in ("id", "namespace"))
    if value is None or not named or any(error.path in ("id", "namespace") for error in errors):
        raise invalid_entity(errors)
    return draft_flow(value, text, checked.digest)


async def create(request: ApiRequest) -> Response:
    """`POST /flows?draft=`: 200 with the source; a key that is there already is refused."""
    as_draft = _as_draft(request)
    text = await request.yaml_text(request.context.limits.flow_bytes)
    if not text.strip():
        raise Problem(422, "invalid-request-body", "the body is empty; send one flow as YAML")
    checked = await check_text(request, text)
    flow = drafted(checked, text) if as_draft else sound(checked)
    now, status = request.context.store.now_ms, request.context.dialect.duplicate_status

    def save(connection: sqlite3.Connection) -> Saved:
        if flows.exists(connection, flow.namespace, flow.id):
            raise already_exists(flow, status)
        return flows.save(connection, flow, now, as_draft=as_draft)

    return await _save(request, flow, save)


async def update(request: ApiRequest) -> Response:
    """`PUT /flows/{ns}/{id}?draft=`: the flow must be there, before the text is read; the same text keeps its
    revision."""
    as_draft = _as_draft(request)
    namespace, id_ = request.params["namespace"], request.params["id"]
    text = await request.yaml_text(request.context.limits.flow_bytes)
    if not request.context.store.read(lambda connection: flows.exists(connection, namespace, id_)):
        raise not_found()
    checked = await check_text(request, text)
    flow = drafted(checked, text) if as_draft else sound(checked)
    _same_key(flow, namespace, id_)
    now = request.context.store.now_ms

    def save(connection: sqlite3.Connection) -> Saved:
        if not flows.exists(connection, namespace, id_):
            raise not_found()
        return flows.save(connection, flow, now, as_draft=as_draft)

    return await _save(request, flow, save)


def _as_draft(request: ApiRequest) -> bool:
    """Whether a draft is meant. 1.x has none: what is meant to be one must not go live there.

    Raises:
        Problem: 422, in 1.3.
    """
    as_draft = request.flag("draft")
    if as_draft and request.context.dialect.name == "1.3":
        raise illegal_argument("draft: there are no drafts before Kestra 2.0; nothing was saved")
    return as_draft


async def _save(request: ApiRequest, flow: NewFlow, save: flows.SaveFlow) -> Response:
    saved = await request.context.store.awrite(save)
    if saved.followers_touched:
        request.context.flow_changed(flow.namespace, flow.id)
    return json_response(saved_json(saved, draft=request.context.dialect.says_draft))


def already_exists(flow: NewFlow, status: int) -> Problem:
    """A duplicate: 409 in the 2.0 release, 422 before."""
    if status == 409:
        detail = f"A flow with id '{flow.id}' already exists in namespace '{flow.namespace}'."
        items = [ErrorItem("Flow id already exists", "flow.id")]
        return Problem(409, "entity-already-exists", detail, prefix="Invalid entity: flow.id", errors=items)
    return invalid_entity([ErrorItem("Flow id already exists", "flow.id")])


def _same_key(flow: NewFlow, namespace: str, id_: str) -> None:
    errors = []
    if flow.id != id_:
        errors.append(ErrorItem("Illegal flow id update", "flow.id"))
    if flow.namespace != namespace:
        errors.append(ErrorItem("Illegal namespace update", "flow.namespace"))
    if errors:
        raise invalid_entity(errors)


async def read(request: ApiRequest) -> Response:
    """`GET /flows/{ns}/{id}` with `source`, `revision`, `allowDeleted`: the newest revision, be it a draft."""
    namespace, id_ = request.params["namespace"], request.params["id"]
    source, number, deleted = False, None, False
    if request.scope["query_string"]:
        source, deleted = request.flag("source"), request.flag("allowDeleted")
        number = request.integer("revision")
    if number is None:
        row = request.context.store.read(
            lambda c: flows.draft(c, namespace, id_) or flows.newest(c, namespace, id_, allow_deleted=deleted)
        )
    else:
        row = request.context.store.read(lambda c: flows.revision(c, namespace, id_, number, allow_deleted=deleted))
    if row is None:
        raise not_found()
    return json_response(read_json(row, source=source, draft=request.context.dialect.says_draft))


async def delete(request: ApiRequest) -> Response:
    """`DELETE /flows/{ns}/{id}`: 204; the deletion takes a revision number."""
    namespace, id_ = request.params["namespace"], request.params["id"]
    now = request.context.store.now_ms
    gone = await request.context.store.awrite(lambda connection: flows.delete(connection, namespace, id_, now))
    if gone is None:
        raise not_found()
    if gone.has_followers:
        request.context.flow_changed(namespace, id_)
    return empty(204)


async def list_namespace(request: ApiRequest) -> Response:
    """`GET /flows/{ns}`: the newest revisions of exactly this namespace."""
    namespace = request.params["namespace"]
    rows = await request.context.store.aread(lambda connection: flows.in_namespace(connection, namespace))
    return json_response(array([read_json(row, draft=request.context.dialect.says_draft) for row in rows]))


async def list_revisions(request: ApiRequest) -> Response:
    """`GET …/revisions`, ascending; deleted ones only with `allowDelete`."""
    namespace, id_, deleted = request.params["namespace"], request.params["id"], request.flag("allowDelete")
    rows = await request.context.store.aread(lambda c: flows.revisions(c, namespace, id_, allow_deleted=deleted))
    return json_response(array([read_json(row, source=True, draft=request.context.dialect.says_draft) for row in rows]))


async def delete_revisions(request: ApiRequest) -> Response:
    """`DELETE …/revisions?revisions=1,2`: 204. Without the parameter: all but the newest."""
    namespace, id_ = request.params["namespace"], request.params["id"]
    asked = _revision_numbers(request)

    def drop(connection: sqlite3.Connection) -> bool:
        if not flows.exists(connection, namespace, id_):
            return False
        known = [row.revision for row in flows.revisions(connection, namespace, id_)]
        flows.drop_revisions(connection, namespace, id_, known[:-1] if asked is None else asked)
        return True

    if not await request.context.store.awrite(drop):
        raise not_found()
    request.context.flow_changed(namespace, id_)
    return empty(204)


def _revision_numbers(request: ApiRequest) -> list[int] | None:
    texts = [part.strip() for text in request.query_params.getlist("revisions") for part in text.split(",")]
    numbers = [text for text in texts if text]
    if any(not (text.isascii() and text.isdigit()) or len(text) > 9 for text in numbers):
        raise invalid_parameter("revisions", "must be whole numbers")
    return [int(text) for text in numbers] or None


ENDPOINTS: tuple[Endpoint, ...] = (
    writes("POST", "/flows", create),
    reads("GET", "/flows/{namespace}/{id}", read),
    writes("PUT", "/flows/{namespace}/{id}", update),
    writes("DELETE", "/flows/{namespace}/{id}", delete),
    reads("GET", "/flows/{namespace}", list_namespace),
    reads("GET", "/flows/{namespace}/{id}/revisions", list_revisions),
    writes("DELETE", "/flows/{namespace}/{id}/revisions", delete_revisions),
)
