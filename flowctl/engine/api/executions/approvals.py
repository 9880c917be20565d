"""Deciding an Approval: a route of our own, as a resume can only approve and has no comment."""

from __future__ import annotations

import base64
import binascii

from starlette.responses import Response

from flowctl.engine.api.executions.shown import answer_json
from flowctl.engine.api.http.endpoint import Endpoint, Scope, writes
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import command
from flowctl.engine.executor.flowables.approving import decide_by
from flowctl.engine.executor.performer import Performer
from flowctl.engine.store.jsontext import dump

SHAPE = "the body must be {decision: APPROVED | DENIED, comment?, inputs?, taskRunId?}"


async def decide(request: ApiRequest) -> Response:
    """`POST /flowctl/executions/{id}/decision`: body `{decision, comment, inputs, taskRunId}`, all but the decision
    optional. 200 with the execution, 409 when nothing waits, 422 when an input or a demanded comment is missing."""
    body = await request.json()
    if not isinstance(body, dict) or not isinstance(body.get("decision"), str):
        raise illegal_argument(SHAPE)
    comment, inputs, run = body.get("comment"), body.get("inputs") or {}, body.get("taskRunId")
    if not isinstance(comment, str | None) or not isinstance(inputs, dict) or not isinstance(run, str | None):
        raise illegal_argument(SHAPE)
    decision, by = body["decision"], user_of(request)

    def change(performer: Performer) -> bytes:
        decide_by(performer, decision, inputs, comment=comment, by=by, task_run_id=run)
        return dump(answer_json(performer.turn.execution, request.context))

    return json_response(await command(request, request.params["execution"], change))


def user_of(request: ApiRequest) -> str | None:
    """The user name of the request's credentials; None for a token."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None


ENDPOINTS: tuple[Endpoint, ...] = (
    writes("POST", "/flowctl/executions/{execution}/decision", decide, scope=Scope.BOTH),
)
