"""The running executor as the API's handlers see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from flowctl.engine import serverlog
from flowctl.engine.api.context import Context
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest

if TYPE_CHECKING:
    from flowctl.engine.executor.executor import Executor
    from flowctl.engine.executor.performer import Performer
    from flowctl.engine.executor.records.records import Execution

PART = "executor"
T = TypeVar("T")


class ExecutorPart:
    """Starts and stops the executor with the server. `attach` is called with it before it starts."""

    def __init__(self, context: Context, attach: Callable[[Executor], None] | None = None) -> None:
        self._context, self._attach = context, attach

    async def start(self) -> None:
        """Make the executor and take over what an earlier process left."""
        from flowctl.engine.executor.assembling import assemble

        context = self._context
        executor = await asyncio.to_thread(assemble, context.store, context.settings.data, context.settings.dialect)
        if self._attach is not None:
            await asyncio.to_thread(self._attach, executor)
        await asyncio.to_thread(executor.start)
        context.parts[PART] = executor
        context.flow_listeners.append(partial(_flow_changed, executor))
        context.conceal = executor.services.masker.mask_json
        serverlog.conceal(executor.services.masker.mask)

    async def stop(self) -> None:
        """Interrupt running tasks; the next process runs them again."""
        await asyncio.to_thread(executor_of(self._context).close)


def _flow_changed(executor: Executor, namespace: str, flow_id: str) -> None:
    """A flow was saved or deleted: its limit may leave room for executions that wait."""
    from flowctl.engine.executor.lifecycle.floworder import release

    def begin(told: Future[list[str]]) -> None:
        for id_ in told.result() if told.exception() is None else ():
            executor.ready(id_)

    now, store = executor.services.clock(), executor.services.store
    store.write(lambda connection: release(connection, namespace, flow_id, now)).add_done_callback(begin)


def executor_of(context: Context) -> Executor:
    """The executor.

    Raises:
        Problem: 503, it is not running (yet).
    """
    from flowctl.engine.executor.executor import Executor

    found = context.parts.get(PART)
    if not isinstance(found, Executor):
        raise Problem(503, "service-unavailable", "the executor is not running", headers={"Retry-After": "1"})
    return found


def hide_secrets(context: Context, found: Iterable[Execution]) -> None:
    """Make the secret values of executions known, before something is told of them: this process may not have seen
    them yet. An iteration has those of the execution around it."""
    from flowctl.engine.executor.records.secretplaces import secret_values
    from flowctl.engine.store.tables import executions

    if PART not in context.parts:
        return
    services, seen = executor_of(context).services, set[str]()
    for execution in found:
        one: Execution | None = execution
        while one is not None and one.id not in seen:
            seen.add(one.id)
            if one.sealed and not one.runs:
                one = context.store.read(partial(executions.read, id_=one.id)) or one
            for value in secret_values(one):
                services.masker.add(value)
            above = one.parent_id if one.loop_run is not None else None
            one = context.store.read(partial(executions.read, id_=above)) if above and above not in seen else None


async def command(request: ApiRequest, execution_id: str, change: Callable[[Performer], T]) -> T:
    """Change an execution; returns once that is on disk.

    Raises:
        Problem: 404 unknown, 409 wrong state, 422 bad values.
    """
    from flowctl.engine.executor.executor import Gone
    from flowctl.engine.executor.lifecycle.givens import BadInputs
    from flowctl.engine.executor.lifecycle.refusals import BadRequest, NotPaused, WrongState

    try:
        return await asyncio.wrap_future(executor_of(request.context).command(execution_id, change))
    except Gone:
        raise not_found() from None
    except NotPaused as error:
        raise conflict(str(error)) from None
    except WrongState as error:
        raise wrong_state(request, str(error)) from None
    except BadRequest as error:
        raise illegal_argument(str(error)) from None
    except BadInputs as error:
        raise bad_inputs(str(error)) from None


def wrong_state(request: ApiRequest, detail: str) -> Problem:
    """409 (422 before 2.0)."""
    if request.context.dialect.name == "1.3":
        return illegal_argument(detail)
    return conflict(detail)


def conflict(detail: str) -> Problem:
    """409, in every version: what is not paused cannot be resumed."""
    return Problem(409, "conflict", detail, prefix="Illegal state")


def bad_inputs(detail: str) -> Problem:
    """422, an input is missing or wrong."""
    return Problem(422, "invalid-entity", detail)


async def until_ended(request: ApiRequest, execution: Execution) -> Execution:
    """Let a new execution go on; returns it once it has ended, or as it is when nobody waits for the answer any more.

    Raises:
        Problem: 404, it was deleted meanwhile.
    """
    executor, store = executor_of(request.context), request.context.store
    from flowctl.engine.store.tables import executions

    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    stop = executor.hub.listen(execution.id, lambda _: loop.call_soon_threadsafe(ended.set), end_only=True)
    try:
        executor.begin(execution)
        if not execution.terminal:
            await _first(ended.wait(), _client_gone(request))
        found = store.read(lambda connection: executions.read(connection, execution.id))
    finally:
        stop()
    if found is None:
        raise not_found()
    return found


async def _first(*waits: Coroutine[object, object, object]) -> None:
    """Wait until the first of several is over; the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _client_gone(request: ApiRequest) -> None:
    """The body was read, or does not matter: what comes after it is the end of the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
