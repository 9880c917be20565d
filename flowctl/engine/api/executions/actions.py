"""What can be asked of one execution: `/{id}/actions/{action}`, before 2.0 `/{id}/{action}`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from flowctl.engine.api.executions.input_validation import validation_json
from flowctl.engine.api.executions.renewals import replay, replay_with_inputs, restart_anew
from flowctl.engine.api.executions.shown import answer_json
from flowctl.engine.api.executions.single import execution_of
from flowctl.engine.api.executions.starting import breakpoints_of, refuse_system
from flowctl.engine.api.http.endpoint import LEGACY, MODERN, Endpoint, Handler, writes
from flowctl.engine.api.http.multipart import form_of
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, empty, json_response
from flowctl.engine.api.runtime import command, executor_of
from flowctl.engine.executor.lifecycle import actions, breakpoints, restarting
from flowctl.engine.executor.lifecycle.refusals import WrongState
from flowctl.engine.executor.performer import Performer
from flowctl.engine.store.jsontext import dump

Change = Callable[[Performer], None]


async def _changed(request: ApiRequest, change: Change) -> bytes:
    """The answer of an action: the execution as it is right after the change."""

    def run(performer: Performer) -> bytes:
        change(performer)
        return dump(answer_json(performer.turn.execution, request.context))

    return await command(request, request.params["execution"], run)


async def kill(request: ApiRequest) -> Response:
    """Kill, with the executions that it has started unless `isOnKillCascade` is false. An ended one is answered as it
    is; 409 without the cascade."""
    cascade = request.flag("isOnKillCascade", True)
    body = await _changed(request, lambda performer: _kill(performer, cascade))
    if request.context.dialect.name == "1.3":
        return empty(202)
    return Response(body, 200, media_type="text/json")


def _kill(performer: Performer, cascade: bool) -> None:
    execution = performer.turn.execution
    if not cascade and execution.terminal:
        raise WrongState(f"the execution is {execution.state}; it has ended already")
    actions.kill(performer, children=cascade)


async def pause(request: ApiRequest) -> Response:
    """Pause a running execution."""
    return json_response(await _changed(request, actions.pause))


async def resume(request: ApiRequest) -> Response:
    """Resume a paused execution, with inputs."""
    form = await form_of(request)
    return json_response(await _changed(request, lambda performer: actions.resume(performer, form)))


async def resume_from_breakpoint(request: ApiRequest) -> Response:
    """Go on from a breakpoint; those of the query replace the ones that are set."""
    points = breakpoints_of(request)
    return json_response(await _changed(request, lambda performer: breakpoints.resume_from(performer, points)))


async def validate_resume(request: ApiRequest) -> Response:
    """Whether the inputs of a resume are good; nothing is changed."""
    from flowctl.engine.executor.lifecycle.givens import examine_inputs

    form = await form_of(request)
    execution = execution_of(request)
    services = executor_of(request.context).services
    definition = services.flows.revision(execution.namespace, execution.flow_id, execution.revision).definition
    declared = actions.resume_inputs(definition, execution)
    found = await asyncio.to_thread(examine_inputs, services, definition, execution, declared, form)
    return json_response(validation_json(definition, found, form, request.context.dialect))


async def restart(request: ApiRequest) -> Response:
    """Run again what failed; with a `revision` in a new execution of that one."""
    if request.integer("revision", None, minimum=1) is not None:
        return await restart_anew(request)
    return json_response(await _changed(request, restarting.restart))


async def change_status(request: ApiRequest) -> Response:
    """Give an ended execution another final state."""
    status = request.required("status")
    return json_response(await _changed(request, lambda performer: actions.change_status(performer, status)))


async def change_state(request: ApiRequest) -> Response:
    """Mark a task run: body `{taskRunId, state}`."""
    body = await request.json()
    if (
        not isinstance(body, dict)
        or not isinstance(body.get("taskRunId"), str)
        or not isinstance(body.get("state"), str)
    ):
        raise illegal_argument("the body must be {taskRunId, state}")
    run, state = body["taskRunId"], body["state"]
    return json_response(await _changed(request, lambda p: actions.change_task_run(p, run, state)))


async def force_run(request: ApiRequest) -> Response:
    """Leave a waiting state."""
    return json_response(await _changed(request, actions.force_run))


async def unqueue(request: ApiRequest) -> Response:
    """Let a queued execution go."""
    state = request.query_params.get("state") or "RUNNING"
    return json_response(await _changed(request, lambda performer: actions.unqueue(performer, state)))


async def labels(request: ApiRequest) -> Response:
    """Replace the labels: body `[{key, value}]`."""
    pairs = label_pairs(await request.json())
    return json_response(await _changed(request, lambda performer: actions.set_labels(performer, pairs)))


def label_pairs(body: object) -> list[tuple[str, str]]:
    """Labels from JSON; one with an empty key and value is dropped.

    Raises:
        Problem: 422, not a list of labels, a null, or one of the system's.
    """
    if not isinstance(body, list):
        raise illegal_argument("the body must be a list of {key, value}")
    found = []
    for item in body:
        key, value = (item.get("key"), item.get("value")) if isinstance(item, dict) else (None, None)
        if key == "" and value == "":
            continue
        if not isinstance(key, str) or not isinstance(value, str) or not key or not value:
            raise illegal_argument("Label key and value must not be null")
        refuse_system(key, value)
        found.append((key, value))
    return found


def _both(method: str, action: str, handle: Handler) -> tuple[Endpoint, ...]:
    """An action under the paths of both generations."""
    return (
        writes(method, f"/executions/{{execution}}/actions/{action}", handle, dialects=MODERN),
        writes(method, f"/executions/{{execution}}/{action}", handle, dialects=LEGACY),
    )


_POSTS: dict[str, Callable[[ApiRequest], Awaitable[Response]]] = {
    "pause": pause,
    "resume": resume,
    "resume/validate": validate_resume,
    "resume-from-breakpoint": resume_from_breakpoint,
    "restart": restart,
    "replay": replay,
    "replay-with-inputs": replay_with_inputs,
    "change-status": change_status,
    "state": change_state,
    "force-run": force_run,
    "unqueue": unqueue,
    "labels": labels,
}

ENDPOINTS: tuple[Endpoint, ...] = (
    *(endpoint for action, handle in _POSTS.items() for endpoint in _both("POST", action, handle)),
    *_both("DELETE", "kill", kill),
)
