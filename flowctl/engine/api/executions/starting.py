"""Starting executions: inputs as a form, labels, a date to begin at, waiting for the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.engine.api.executions.input_validation import validation_json
from flowctl.engine.api.executions.shapes import with_url
from flowctl.engine.api.executions.shown import answer_json
from flowctl.engine.api.http.endpoint import LEGACY, Endpoint, reads, writes
from flowctl.engine.api.http.multipart import form_of, refuse_json
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.conditions import milliseconds
from flowctl.engine.api.runtime import bad_inputs, executor_of, until_ended
from flowctl.engine.store.tables import flows as drafts

if TYPE_CHECKING:
    from flowctl.engine.executor.lifecycle.launching import Launch
    from flowctl.engine.executor.records.flowsource import FlowRevision, UnknownFlow
    from flowctl.engine.executor.records.records import Execution

KINDS = ("NORMAL", "TEST", "PLAYGROUND", "LOOP")


async def start(request: ApiRequest) -> Response:
    """`POST /executions/{ns}/{flowId}`: 200 with the execution, in its final state with `wait=true`."""
    from flowctl.engine.executor.lifecycle.launching import store_new

    refuse_json(request)
    executor = executor_of(request.context)
    flow = flow_of(request)
    given = launch_of(request, await form_of(request))
    execution = await _launch(request, flow, given)
    if request.context.dialect.name != "1.3":
        begin(execution)
    await request.context.store.awrite(lambda connection: store_new(connection, execution, flow.definition))
    if request.flag("wait"):
        execution = await until_ended(request, execution)
    else:
        executor.begin(execution)
    return json_response(with_url(answer_json(execution, request.context), executor.services.url))


def begin(execution: Execution) -> None:
    """An execution that may run at once is RUNNING from the start, as 2.0 answers; before, it is CREATED first."""
    if execution.state == "CREATED" and execution.schedule_date is None:
        execution.history.append(("RUNNING", execution.history[0][1]))


def flow_of(request: ApiRequest) -> FlowRevision:
    """The revision that is asked for, the newest that is no draft by default.

    Raises:
        Problem: 404, there is none; 409, there are drafts alone; 422, a draft with errors.
    """
    from flowctl.engine.executor.records.flowsource import UnknownFlow, UnsoundDraft

    flows = executor_of(request.context).services.flows
    namespace, id_ = request.params["namespace"], request.params["id"]
    revision = request.integer("revision", None, minimum=1)
    try:
        newest = flows.latest(namespace, id_)
        return newest if revision is None else flows.revision(namespace, id_, revision)
    except UnsoundDraft as error:
        raise illegal_argument(str(error)) from None
    except UnknownFlow as error:
        return _draft_of(request, revision, error)


def _draft_of(request: ApiRequest, revision: int | None, unknown: UnknownFlow) -> FlowRevision:
    """A revision of a flow that has drafts alone."""
    from flowctl.engine.executor.records.flowsource import UnknownFlow, UnsoundDraft

    namespace, id_ = request.params["namespace"], request.params["id"]
    draft = request.context.store.read(lambda connection: drafts.draft(connection, namespace, id_))
    if draft is None:
        raise not_found(str(unknown))
    if revision is None:
        detail = f"the flow is a draft; start one of its revisions, as revision={draft.revision}"
        raise Problem(409, "conflict", detail, prefix="Illegal state")
    try:
        return executor_of(request.context).services.flows.revision(namespace, id_, revision)
    except UnsoundDraft as error:
        raise illegal_argument(str(error)) from None
    except UnknownFlow as error:
        raise not_found(str(error)) from None


async def _launch(request: ApiRequest, flow: FlowRevision, given: Launch) -> Execution:
    from flowctl.engine.executor.lifecycle.launching import Refused, launch

    services = executor_of(request.context).services
    heavy = flow.definition.value.get("inputs") or flow.definition.value.get("checks")
    try:
        if heavy:
            return await asyncio.to_thread(launch, services, flow, given)
        return launch(services, flow, given)
    except Refused as error:
        raise refusal(error.kind, error.message) from None


def refusal(kind: str, message: str) -> Problem:
    """Why an execution is not started: 409 for a disabled flow, else 422."""
    if kind == "disabled":
        return Problem(409, "conflict", message, prefix="Illegal state")
    if kind == "inputs":
        return bad_inputs(message)
    return illegal_argument(message)


def launch_of(request: ApiRequest, form: Mapping[str, object]) -> Launch:
    """What the request gives.

    Raises:
        Problem: 422, a label, kind or date that cannot be.
    """
    from flowctl.engine.executor.lifecycle.launching import Launch

    kind = request.query_params.get("kind")
    if kind is not None and kind not in KINDS:
        raise illegal_argument(f"kind must be one of {', '.join(KINDS)}, found {kind!r}")
    date = request.query_params.get("scheduleDate")
    return Launch(
        inputs=form,
        labels=[label_of(text) for text in request.query_params.getlist("labels")],
        system=[("system.from", "api")],
        kind=None if kind == "NORMAL" else kind,
        schedule_date=milliseconds(date) * 1000 if date else None,
        breakpoints=breakpoints_of(request),
    )


def breakpoints_of(request: ApiRequest) -> tuple[str, ...]:
    """The query parameter `breakpoints`: task ids, or `taskId.value`, repeated or with commas between."""
    listed = request.query_params.getlist("breakpoints")
    return tuple(point.strip() for text in listed for point in text.split(",") if point.strip())


def label_of(text: str) -> tuple[str, str]:
    """A label from `key:value`.

    Raises:
        Problem: 422, without key or value, or one of the system's.
    """
    key, _, value = text.partition(":")
    if not key or not value:
        raise illegal_argument(f"a label is key:value, found {text!r}")
    refuse_system(key, value)
    return key, value


def refuse_system(key: str, value: str) -> None:
    """Labels of the system are not a client's to set, the correlation id apart.

    Raises:
        Problem: 422.
    """
    if key.startswith("system.") and key != "system.correlationId":
        raise illegal_argument(f"System labels can only be set by Kestra itself, offending label: {key}={value}")


async def validate(request: ApiRequest) -> Response:
    """`POST /executions/{ns}/{flowId}/validate`: what would become of the inputs; 200 also when they are bad."""
    from flowctl.engine.executor.lifecycle.givens import examine_inputs
    from flowctl.engine.executor.records.identifiers import new_id
    from flowctl.engine.executor.records.records import Execution

    flow = flow_of(request)
    definition, services = flow.definition, executor_of(request.context).services
    form = await form_of(request)
    now = services.clock()
    draft = Execution(new_id(), definition.namespace, definition.id, definition.revision, [("CREATED", now)])
    found = await asyncio.to_thread(examine_inputs, services, definition, draft, definition.value.get("inputs"), form)
    return json_response(validation_json(definition, found, form, request.context.dialect))


ENDPOINTS: tuple[Endpoint, ...] = (
    writes("POST", "/executions/{namespace}/{id}", start),
    writes("POST", "/executions/trigger/{namespace}/{id}", start, dialects=LEGACY),
    reads("POST", "/executions/{namespace}/{id}/validate", validate),
)
