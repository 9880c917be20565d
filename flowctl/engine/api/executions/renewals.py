"""New executions from old ones: replays, and restarts with another revision."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.responses import Response

from flowctl.engine.api.executions.shown import answer_json
from flowctl.engine.api.executions.single import execution_of
from flowctl.engine.api.executions.starting import begin, breakpoints_of
from flowctl.engine.api.http.multipart import form_of
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import command, executor_of, wrong_state
from flowctl.engine.executor.lifecycle import actions, breakpoints, replaying
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.records import Execution


async def replay(request: ApiRequest) -> Response:
    """A new execution from an old one."""
    new = await replay_one(request, execution_of(request), request.query_params.get("taskRunId"))
    return json_response(answer_json(new, request.context))


async def replay_with_inputs(request: ApiRequest) -> Response:
    """A new execution from an old one, with other inputs; files among them are the new one's."""
    from flowctl.engine.executor.lifecycle.givens import BadInputs, resolve_inputs

    form = await form_of(request)
    old = execution_of(request)
    definition = _definition(request, old)
    new = _replayed(request, old, definition, request.query_params.get("taskRunId"))
    services = executor_of(request.context).services
    try:
        new.inputs = await asyncio.to_thread(resolve_inputs, services, definition, new, form)
    except BadInputs as error:
        raise Problem(422, "invalid-entity", str(error)) from None
    await _start(request, old, new, definition)
    return json_response(answer_json(new, request.context))


async def replay_one(
    request: ApiRequest, old: Execution, task_run: str | None, revision: int | None = None
) -> Execution:
    """Replay one execution and mark the old one. `revision` goes before the one that the request names.

    Raises:
        Problem: 404 unknown revision, 409 it has not ended, 422 unknown task run.
    """
    definition = _definition(request, old, revision)
    new = _replayed(request, old, definition, task_run)
    await _start(request, old, new, definition)
    return new


async def restart_anew(request: ApiRequest) -> Response:
    """Run again what failed, as another revision has it, in a new execution: the old one stays as it is.

    Raises:
        Problem: 404 unknown revision, 409 nothing to restart, 422 the revision lacks a task that has run.
    """
    old = execution_of(request)
    definition = _definition(request, old)
    before = _definition(request, old, old.revision)
    with _refusals(request):
        new = replaying.restart_anew(old, before, definition, executor_of(request.context).services.clock())
    await _store(request, new, definition)
    return json_response(answer_json(new, request.context))


def _definition(request: ApiRequest, old: Execution, revision: int | None = None) -> Definition:
    """The flow as `revision` has it, else as the revision of the request, else as the execution ran it."""
    from flowctl.engine.executor.records.flowsource import UnknownFlow

    number = revision or request.integer("revision", None, minimum=1) or old.revision
    try:
        return executor_of(request.context).services.flows.revision(old.namespace, old.flow_id, number).definition
    except UnknownFlow as error:
        raise not_found(str(error)) from None


def _replayed(request: ApiRequest, old: Execution, definition: Definition, task_run: str | None) -> Execution:
    if not old.terminal:
        raise wrong_state(request, f"the execution is {old.state}; only an ended one can be replayed")
    with _refusals(request):
        new = replaying.replay(old, definition, executor_of(request.context).services.clock(), task_run)
    breakpoints.set_breakpoints(new, breakpoints_of(request))
    return new


@contextmanager
def _refusals(request: ApiRequest) -> Iterator[None]:
    try:
        yield
    except actions.BadRequest as error:
        raise illegal_argument(str(error)) from None
    except actions.WrongState as error:
        raise wrong_state(request, str(error)) from None


async def _start(request: ApiRequest, old: Execution, new: Execution, definition: Definition) -> None:
    if request.context.dialect.name != "1.3":
        begin(new)
    await command(request, old.id, lambda performer: actions.add_label(performer, "system.replayed", "true"))
    await _store(request, new, definition)


async def _store(request: ApiRequest, new: Execution, definition: Definition) -> None:
    from flowctl.engine.executor.lifecycle.launching import store_new

    await request.context.store.awrite(lambda connection: store_new(connection, new, definition))
    executor_of(request.context).ready(new.id)
