"""Actions on many executions at once, named by ids or by a query."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from starlette.responses import Response

from flowctl.engine.api.executions.actions import label_pairs
from flowctl.engine.api.executions.deletion import delete_all
from flowctl.engine.api.executions.renewals import replay_one
from flowctl.engine.api.executions.search import ids_of, selection_of
from flowctl.engine.api.http.endpoint import Endpoint, writes
from flowctl.engine.api.http.problems import Problem, illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import command
from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.lifecycle.restarting import restart
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.states import CREATED, PAUSED, QUEUED, RUNNING, TERMINAL
from flowctl.engine.store.tables import executions, flows

MOST = 10_000
Change = Callable[[Performer], None]
Check = Callable[[Execution], bool]


def _failed(execution: Execution) -> bool:
    return execution.terminal and any(run.state == "FAILED" for run in execution.runs.values())


async def _ids(request: ApiRequest) -> list[str]:
    """The ids of a by-ids body.

    Raises:
        Problem: 422, no list of texts, or too many.
    """
    body = await request.json()
    if not isinstance(body, list) or not all(isinstance(item, str) for item in body):
        raise illegal_argument("the body must be a list of execution ids")
    if len(body) > MOST:
        raise illegal_argument(f"at most {MOST} executions at once, found {len(body)}")
    return list(dict.fromkeys(body))


def _named(request: ApiRequest, ids: Sequence[str], fits: Check) -> list[Execution]:
    """The executions of these ids, all of which must be there and fit.

    Raises:
        Problem: 400, naming those that are not or do not; nothing is done then.
    """
    found, invalid = [], []
    for id_ in ids:
        one = request.context.store.read(partial(executions.read, id_=id_))
        if one is not None and fits(one):
            found.append(one)
        else:
            why = "execution not found" if one is None else f"execution is {one.state}"
            invalid.append({"message": why, "invalidValue": id_})
    if invalid:
        raise Problem(400, "bulk-validation-failed", "invalid bulk operation", extra={"invalids": invalid})
    return found


def _queried(request: ApiRequest, fits: Check) -> list[Execution]:
    """The executions that a query means and that fit; others are left out."""
    selection = selection_of(request)
    ids = request.context.store.read(lambda connection: ids_of(connection, selection, MOST))
    rows = request.context.store.read(lambda connection: [executions.read(connection, id_) for id_ in ids])
    return [one for one in rows if one is not None and fits(one)]


def answer(request: ApiRequest, count: int) -> Response:
    """200 with a count (1.x, and of deletions), 202 with an operation (2.0)."""
    if request.context.dialect.name == "1.3":
        return json_response({"count": count})
    body: dict[str, object] = {"operationId": str(uuid.uuid4()), "totalItems": count}
    return json_response(body | ({"count": count} if request.context.dialect.name == "lenient" else {}), 202)


class Bulk:
    """One action under `/executions/{name}/by-ids` and `/by-query`."""

    def __init__(self, fits: Check, act: Callable[[ApiRequest, Execution], Awaitable[object]]) -> None:
        self._fits, self._act = fits, act

    async def by_ids(self, request: ApiRequest) -> Response:
        """Named by ids: all or nothing."""
        return await self._all(request, _named(request, await _ids(request), self._fits))

    async def by_query(self, request: ApiRequest) -> Response:
        """Named by filters: those that fit."""
        return await self._all(request, _queried(request, self._fits))

    async def _all(self, request: ApiRequest, chosen: Sequence[Execution]) -> Response:
        for execution in chosen:
            await self._act(request, execution)
        return answer(request, len(chosen))


def _commanding(fits: Check, change: Change) -> Bulk:
    async def act(request: ApiRequest, execution: Execution) -> None:
        await command(request, execution.id, change)

    return Bulk(fits, act)


async def _replay(request: ApiRequest, execution: Execution) -> None:
    head = None
    if request.flag("latestRevision"):
        head = request.context.store.read(lambda c: flows.head(c, execution.namespace, execution.flow_id))
    await replay_one(request, execution, None, head.revision if head and not head.deleted else None)


async def _change_status(request: ApiRequest, execution: Execution) -> None:
    status = request.required("newStatus")
    if status not in TERMINAL:
        raise illegal_argument(f"{status!r} is no final state")
    await command(request, execution.id, lambda performer: actions.change_status(performer, status))


async def _unqueue(request: ApiRequest, execution: Execution) -> None:
    state = request.query_params.get("newState") or request.query_params.get("state") or RUNNING
    await command(request, execution.id, lambda performer: actions.unqueue(performer, state))


ACTIONS: dict[str, Bulk] = {
    "restart": _commanding(_failed, restart),
    "resume": _commanding(lambda e: e.state == PAUSED, lambda performer: actions.resume(performer, {})),
    "pause": _commanding(lambda e: e.state == RUNNING, actions.pause),
    "force-run": _commanding(lambda e: e.state in (CREATED, QUEUED, PAUSED, RUNNING), actions.force_run),
    "replay": Bulk(lambda e: e.terminal, _replay),
    "change-status": Bulk(lambda e: e.terminal, _change_status),
    "unqueue": Bulk(lambda e: e.state == QUEUED, _unqueue),
}
KILL = _commanding(lambda e: not e.terminal, actions.kill)


async def labels_by_ids(request: ApiRequest) -> Response:
    """`POST /executions/labels/by-ids`: body `{executionsId, executionLabels}`."""
    body = await request.json()
    if not isinstance(body, dict) or not isinstance(body.get("executionsId"), list):
        raise illegal_argument("the body must be {executionsId: […], executionLabels: […]}")
    pairs = label_pairs(body.get("executionLabels"))
    chosen = _named(request, [str(id_) for id_ in body["executionsId"]], lambda e: e.terminal)
    return await _label(request, chosen, pairs)


async def labels_by_query(request: ApiRequest) -> Response:
    """`POST /executions/labels/by-query`: body the labels."""
    pairs = label_pairs(await request.json())
    return await _label(request, _queried(request, lambda e: e.terminal), pairs)


async def _label(request: ApiRequest, chosen: Sequence[Execution], pairs: list[tuple[str, str]]) -> Response:
    for execution in chosen:
        kept = [pair for pair in execution.labels if pair[0] not in dict(pairs) and not pair[0].startswith("system.")]
        await command(request, execution.id, partial(actions.set_labels, labels=[*kept, *pairs]))
    return answer(request, len(chosen))


async def delete_by_ids(request: ApiRequest) -> Response:
    """`DELETE /executions/by-ids`: ended ones, others too with `includeNonTerminated`."""
    running = request.flag("includeNonTerminated")
    return await _delete(request, _named(request, await _ids(request), lambda e: running or e.terminal))


async def delete_by_query(request: ApiRequest) -> Response:
    """`DELETE /executions/by-query`: ended ones, others too with `includeNonTerminated`."""
    running = request.flag("includeNonTerminated")
    return await _delete(request, _queried(request, lambda e: running or e.terminal))


async def _delete(request: ApiRequest, chosen: Sequence[Execution]) -> Response:
    await delete_all(request, chosen)
    return json_response({"count": len(chosen)})


ENDPOINTS: tuple[Endpoint, ...] = (
    *(writes("POST", f"/executions/{name}/by-ids", bulk.by_ids) for name, bulk in ACTIONS.items()),
    *(writes("POST", f"/executions/{name}/by-query", bulk.by_query) for name, bulk in ACTIONS.items()),
    writes("DELETE", "/executions/kill/by-ids", KILL.by_ids),
    writes("DELETE", "/executions/kill/by-query", KILL.by_query),
    writes("POST", "/executions/labels/by-ids", labels_by_ids),
    writes("POST", "/executions/labels/by-query", labels_by_query),
    writes("DELETE", "/executions/by-ids", delete_by_ids),
    writes("DELETE", "/executions/by-query", delete_by_query),
)
