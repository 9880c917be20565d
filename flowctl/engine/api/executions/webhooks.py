"""Webhooks: a flow started by whoever knows its key."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.engine.api.executions.shapes import with_url
from flowctl.engine.api.executions.shown import answer_json
from flowctl.engine.api.http.endpoint import Access, Endpoint
from flowctl.engine.api.http.problems import Problem, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import executor_of, until_ended
from flowctl.engine.protocol import SENT_NAMES
from flowctl.engine.store.jsontext import load
from flowctl.language.flags import is_off, is_on

if TYPE_CHECKING:
    from flowctl.engine.executor.records.flowsource import FlowRevision
    from flowctl.engine.executor.records.records import Execution
    from flowctl.engine.executor.services import Services
    from flowctl.engine.scheduler.firing import Trigger

TYPES = ("io.kestra.plugin.core.trigger.Webhook",)
SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
HIDDEN = "******"
SHOWN = ("tenantId", "id", "namespace", "flowId", "flowRevision", "trigger", "labels", "state", "outputs")


async def receive(request: ApiRequest) -> Response:
    """Any method on `/executions/webhook/{ns}/{flowId}/{key}[/{path}]`.

    200 with the execution in short, once it is stored; 204 when the trigger's condition is false.
    """
    from flowctl.engine.executor.records.flowsource import UnknownFlow

    services = executor_of(request.context).services
    try:
        flow = services.flows.latest(request.params["namespace"], request.params["id"])
    except UnknownFlow:
        raise not_found("Flow not found") from None
    trigger = await asyncio.to_thread(find, services, flow, request.params["key"])
    if trigger is None:
        raise not_found("Webhook not found")
    if flow.disabled:
        raise Problem(409, "conflict", "Requested Flow is disabled.", prefix="Illegal state")
    execution = await _start(request, services, flow, trigger, await _variables(request))
    if execution is None:
        return Response(status_code=204)
    if is_on(trigger.get("wait")) or request.flag("wait"):
        execution = await until_ended(request, execution)
    else:
        executor_of(request.context).begin(execution)
    return json_response(_short(request, execution, trigger))


def find(services: Services, flow: FlowRevision, key: str) -> Trigger | None:
    """The flow's webhook trigger with this key; keys may be expressions. Compared in constant time."""
    from flowctl.engine.executor.expressions.rendering import ExpressionError
    from flowctl.engine.scheduler.firing import Firing, renderer_of

    for trigger in flow.definition.section("triggers"):
        if trigger.get("type") not in TYPES or is_on(trigger.get("disabled")):
            continue
        renderer = renderer_of(services, Firing(flow, trigger, {}))
        try:
            wanted = renderer.text(str(trigger.get("key", "")))
        except ExpressionError:
            continue
        if hmac.compare_digest(wanted.encode(), key.encode()):
            return trigger
    return None


async def _variables(request: ApiRequest) -> dict[str, object]:
    """`trigger.*`: headers and parameters as lists, a JSON body parsed, any other as text, an empty one left out."""
    found: dict[str, object] = {
        "parameters": _lists(request.query_params.multi_items()),
        "headers": _lists([(_spelt(request, name), _shown(name, value)) for name, value in request.headers.items()]),
    }
    data = await request.body()
    if data:
        found["body"] = _body(data)
    if "path" in request.params:
        found["path"] = request.params["path"]
    return found


def _spelt(request: ApiRequest, name: str) -> str:
    """A header's name as it was sent (`X-GitHub-Event`), which is how flows ask for it; else in its usual spelling."""
    sent = request.scope.get("extensions", {}).get(SENT_NAMES, {})
    return str(sent.get(name) or "-".join(part.capitalize() for part in name.split("-")))


def _shown(name: str, value: str) -> str:
    """A header's value; what proves who calls is not kept."""
    return HIDDEN if name in SECRET else value


def _lists(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _body(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return load(text)
        except ValueError:
            return text
    return text


async def _start(
    request: ApiRequest, services: Services, flow: FlowRevision, trigger: Trigger, variables: Mapping[str, object]
) -> Execution | None:
    from flowctl.engine.scheduler.firing import Firing, fire

    started = await asyncio.to_thread(fire, services, Firing(flow, trigger, variables))
    if started is None:
        return None
    await request.context.store.awrite(started.store)
    return started.execution


def _short(request: ApiRequest, execution: Execution, trigger: Trigger) -> dict[str, object]:
    answer = with_url(answer_json(execution, request.context), executor_of(request.context).services.url)
    found = {"tenantId": "main", **{name: answer[name] for name in SHOWN if answer.get(name) is not None}}
    if not execution.terminal or is_off(trigger.get("returnOutputs")):
        found.pop("outputs", None)
    return found | {"url": answer["url"]}


ENDPOINTS: tuple[Endpoint, ...] = tuple(
    Endpoint(method, "/executions/webhook/{namespace}/{id}/{key}" + rest, receive, Access.OPEN)
    for method in ("GET", "POST", "PUT")
    for rest in ("", "/{path...}")
)
