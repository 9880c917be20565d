"""`PATCH /flows/{ns}/{id}/{taskId}` of 1.x: one task is replaced, the rest of the text stays."""

from __future__ import annotations

import sqlite3

from starlette.responses import Response

from flowctl.engine.api.flows.shapes import saved_json
from flowctl.engine.api.flows.single import check_text, sound
from flowctl.engine.api.http.endpoint import LEGACY, Endpoint, writes
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import Saved
from flowctl.flowtext.edits import set_value
from flowctl.flowtext.splice import SpliceError
from flowctl.language.walk import walk_tasks


async def replace_task(request: ApiRequest) -> Response:
    """The flow with the task that the body holds as JSON; its id must be the path's. 200 with the flow.

    Raises:
        Problem: 404 (the flow, or the task in it), 422 (another id, a flow that is not valid then), 409 (the flow was
            changed meanwhile).
    """
    namespace, id_, task_id = (request.params[name] for name in ("namespace", "id", "task"))
    task = await request.json()
    if not isinstance(task, dict):
        raise illegal_argument("the body must be a task as a JSON object")
    if task.get("id") != task_id:
        raise illegal_argument(f"the task in the body has the id {task.get('id')!r}, the path says {task_id!r}")
    row = request.context.store.read(lambda connection: flows.newest(connection, namespace, id_))
    if row is None:
        raise not_found()
    text = await _with_task(request, row.source, task_id, task)
    flow = sound(await check_text(request, text))
    now, seen = request.context.store.now_ms, row.revision

    def save(connection: sqlite3.Connection) -> Saved:
        newest = flows.newest(connection, namespace, id_)
        if newest is None or newest.revision != seen:
            raise Problem(409, "conflict", f"the flow was changed meanwhile: revision {seen} is old")
        return flows.save(connection, flow, now)

    saved = await request.context.store.awrite(save)
    if saved.followers_touched:
        request.context.flow_changed(namespace, id_)
    return json_response(saved_json(saved, draft=request.context.dialect.says_draft))


async def _with_task(request: ApiRequest, source: str, task_id: str, task: dict[str, object]) -> str:
    checked = await check_text(request, source)
    path = next((path for path, found in walk_tasks(checked.value) if str(found.get("id")) == task_id), None)
    if path is None:
        raise not_found(f"Unable to find task {task_id}")
    try:
        return set_value(source, path, task)
    except SpliceError as error:
        raise illegal_argument(f"the task cannot be replaced in the text: {error}; send the whole flow") from None


ENDPOINTS: tuple[Endpoint, ...] = (writes("PATCH", "/flows/{namespace}/{id}/{task}", replace_task, dialects=LEGACY),)
