"""Requests of the operating commands, in the routes of either generation of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from flowctl.cli.connecting import reach, request_log
from flowctl.cli.console import Console
from flowctl.cli.executions.texts import state_of
from flowctl.cli.workspace import here, open_environment
from flowctl.errors import FlowctlError, ServerRefused
from flowctl.model.environment import Environment
from flowctl.remote.http.connecting import http_client, server_address
from flowctl.remote.http.transport import Answer, Transport

if TYPE_CHECKING:
    from flowctl.cli.executions.address import Inputs
    from flowctl.model.keys import FlowKey

Row = Mapping[str, object]
Pairs = Sequence[tuple[str, str]]
PAGE = 200
JSON = {"Content-Type": "application/json"}
NO_SUCH_ROUTE = (404, 405)
NOT_NOW = (409, 422)


class Calls:
    """Requests to an environment's server."""

    def __init__(self, transport: Transport, environment: Environment) -> None:
        self._transport, self.environment = transport, environment

    @property
    def option(self) -> str:
        """What a command needs to be about the same environment."""
        return f"-e {self.environment.name}"

    def listing(self, flow: FlowKey) -> str:
        """The command that lists a flow's triggers."""
        return f"flowctl triggers list --flow {flow} {self.option}"

    def missing_trigger(self, flow: FlowKey, trigger_id: str) -> AbstractContextManager[None]:
        """Around requests for one trigger; C126 where there is none."""
        return missing("C126", f"trigger {trigger_id} of {flow}", self.listing(flow))

    def ask(self, method: str, path: str, query: Pairs = (), body: object = None, *, private: bool = False) -> Answer:
        """An answer to a request below the tenant.

        Raises:
            ServerError: none, or a refusal.
        """
        content = headers = None
        if body is not None:
            import json

            content, headers = json.dumps(body).encode(), JSON
        return self._transport.send(
            method, self._transport.tenant(path) + query_text(query), content=content, headers=headers, private=private
        )

    def rows(self, path: str, query: Pairs, limit: int) -> list[Row]:
        """Up to `limit` results of a paged listing, page by page."""
        found: list[Row] = []
        page = 1
        while len(found) < limit:
            size = min(PAGE, limit)
            part = self.page(path, query, page, size)
            found += part
            if len(part) < size:
                break
            page += 1
        return found[:limit]

    def page(self, path: str, query: Pairs, page: int, size: int = PAGE) -> list[Row]:
        """One page (from 1) of a paged listing."""
        answer = self.ask("GET", path, [*query, ("page", str(page)), ("size", str(size))]).mapping()
        results = answer.get("results")
        return [row for row in results if isinstance(row, dict)] if isinstance(results, list) else []

    def either(self, modern: Callable[[], Answer], older: Callable[[], Answer]) -> Answer:
        """An answer by the route of 2.0, or where the server does not have that, by the one before."""
        try:
            return modern()
        except ServerRefused as refusal:
            if refusal.status not in NO_SUCH_ROUTE:
                raise
        return older()

    def act(self, execution_id: str, action: str, query: Pairs = (), inputs: Inputs | None = None) -> Row:
        """Do something to an execution, with inputs in a form; returns it as it is then.

        Raises:
            FlowctlError: C121, there is no such execution; C125, its state does not allow it.
        """
        before = self.execution(execution_id)
        method = "DELETE" if action == "kill" else "POST"
        base, parts = self._transport.tenant(f"/executions/{execution_id}"), inputs.parts() if inputs else None
        asked = query_text(query)
        try:
            answer = self.either(
                lambda: self._transport.send(method, f"{base}/actions/{action}{asked}", files=parts or None),
                lambda: self._transport.send(method, f"{base}/{action}{asked}", files=parts or None),
            )
        except ServerRefused as refusal:
            if refusal.status not in NOT_NOW:
                raise
            summary = f"cannot {action} execution {execution_id}, which is {state_of(before)}"
            detail, hint = refusal.diagnostics[0].detail, f"flowctl executions show {execution_id} {self.option}"
            raise FlowctlError.of("C125", summary, detail, hint) from refusal
        return answer.mapping() if answer.body else self.execution(execution_id)

    def execution(self, execution_id: str) -> Row:
        """An execution as it is now.

        Raises:
            FlowctlError: C121, there is no such execution.
        """
        with missing("C121", f"execution {execution_id}", "check its id, and the environment (-e)"):
            return self.ask("GET", f"/executions/{execution_id}").mapping()

    def switch(self, flow: FlowKey, trigger_id: str, *, off: bool) -> Row:
        """Switch a trigger off or on.

        Raises:
            FlowctlError: C126, there is no such trigger.
        """
        body = {"namespace": flow.namespace, "flowId": flow.id, "triggerId": trigger_id, "disabled": off}
        with self.missing_trigger(flow, trigger_id):
            return self.either(
                lambda: self.ask("PUT", "/triggers/set-disabled", body=body),
                lambda: self.ask("PUT", "/triggers", body=body),
            ).mapping()

    def trigger(self, flow: FlowKey, trigger_id: str) -> Row:
        """A trigger's state, as the server keeps it.

        Raises:
            FlowctlError: C126, there is no such trigger.
        """
        with self.missing_trigger(flow, trigger_id):
            rows = self.rows(f"/triggers/{flow.namespace}/{flow.id}", (), 10_000)
        for row in rows:
            if row.get("triggerId") == trigger_id:
                return row
        raise FlowctlError.of("C126", f"there is no trigger {trigger_id} of {flow}", hint=self.listing(flow))


@contextmanager
def missing(code: str, what: str, hint: str) -> Iterator[None]:
    """Around requests for one thing: where the server knows no such thing, an error that names it.

    Raises:
        FlowctlError: with the code that is given.
    """
    try:
        yield
    except ServerRefused as refusal:
        if refusal.status not in NO_SUCH_ROUTE:
            raise
        raise FlowctlError.of(code, f"there is no {what}", hint=hint) from refusal


def query_text(query: Pairs) -> str:
    """A query string with its question mark; empty without parameters."""
    if not query:
        return ""
    from urllib.parse import urlencode

    return "?" + urlencode(query)


def open_calls(console: Console, environment: str | None) -> Calls:
    """Requests to the server of the environment that was named, or the only sensible one."""
    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    found = reach(workspace, target, console)
    address = server_address(target, found.url)
    client = http_client(target, console.environ, address, found.token)
    transport = Transport(client, address, target.tenant, log=request_log(console), environment=target.name)
    return Calls(transport, target)
