"""The part of Kestra's API that starts and watches executions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flowctl.cli.connecting import reach, request_log
from flowctl.cli.console import Console
from flowctl.cli.executions.address import Inputs
from flowctl.cli.executions.following import Entry
from flowctl.cli.workspace import here, open_environment
from flowctl.errors import FlowctlError, ServerRefused
from flowctl.model.keys import FlowKey
from flowctl.remote.http import failures
from flowctl.remote.http.asked import Asked
from flowctl.remote.http.connecting import http_client, server_address
from flowctl.remote.http.transport import Transport

if TYPE_CHECKING:
    import httpx

NO_TIMEOUT = None
DATA = "data:"


def open_executions(console: Console, environment: str | None) -> Executions:
    """The executions of an environment's server."""
    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    found = reach(workspace, target, console)
    address = server_address(target, found.url)
    client = http_client(target, console.environ, address, found.token)
    transport = Transport(client, address, target.tenant, log=request_log(console), environment=target.name)
    return Executions(client, transport, target.name)


class Executions:
    """Executions of an environment's server. Safe to use from several threads."""

    def __init__(self, client: httpx.Client, transport: Transport, environment: str) -> None:
        self._client, self._transport, self.environment = client, transport, environment

    def start(self, key: FlowKey, inputs: Inputs, labels: tuple[str, ...] = (), revision: int | None = None) -> Entry:
        """A new execution. Never sent twice: a lost answer is an error that says so.

        Raises:
            FlowctlError: C119, the server has no such flow, or not this revision of it.
            ServerError: no answer, or a refusal: a missing input, a type that cannot be run.
        """
        params: list[tuple[str, str | int | float | bool | None]] = [("labels", label) for label in labels]
        if revision is not None:
            params.append(("revision", str(revision)))
        path = self._path(f"/{key.namespace}/{key.id}", params)
        try:
            answer = self._transport.send("POST", path, files=inputs.parts() or None, repeatable=False)
        except ServerRefused as problem:
            if problem.status != 404:
                raise
            what = str(key) if revision is None else f"{key} with revision {revision}"
            hint = f"check its name, and the environment (-e); {self._plan} shows what is not deployed yet"
            raise FlowctlError.of("C119", f"there is no flow {what} on the server", hint=hint) from problem
        return answer.mapping()

    def execution(self, execution_id: str) -> Entry:
        """An execution as it is now.

        Raises:
            FlowctlError: C121, there is no such execution.
        """
        try:
            return self._transport.get(self._path(f"/{execution_id}")).mapping()
        except ServerRefused as problem:
            if problem.status != 404:
                raise
            raise FlowctlError.of(
                "C121", f"there is no execution {execution_id}", hint="check its id, and the environment (-e)"
            ) from problem

    def log(self, execution_id: str) -> list[Entry]:
        """All log entries there are now, oldest first."""
        found = self._transport.get(self._transport.tenant(f"/logs/{execution_id}")).json()
        return found if isinstance(found, list) else []

    def states(self, execution_id: str) -> Iterator[Entry]:
        """The execution on each change, until it has ended."""
        return self._events(self._path(f"/{execution_id}/follow"))

    def log_stream(self, execution_id: str) -> Iterator[Entry]:
        """Log entries, past ones first; may go on after the execution has ended."""
        return self._events(self._transport.tenant(f"/logs/{execution_id}/follow"))

    @property
    def _plan(self) -> str:
        return f"`flowctl plan {self.environment}`"

    def _path(self, rest: str, params: list[tuple[str, str | int | float | bool | None]] | None = None) -> str:
        import httpx

        query = f"?{httpx.QueryParams(params)}" if params else ""
        return self._transport.tenant(f"/executions{rest}{query}")

    def _events(self, path: str) -> Iterator[Mapping[str, Any]]:
        """The JSON objects of a stream of server-sent events; empty ones keep the connection alive and are left out."""
        import httpx

        asked = Asked("GET", path, self._transport.server, environment=self.environment)
        try:
            with self._client.stream("GET", self._transport.server + path, timeout=NO_TIMEOUT) as answer:
                if answer.status_code >= 300:
                    body = answer.read()
                    raise failures.refused(
                        asked, answer.status_code, body, answer.headers.get("content-type", ""), None
                    )
                yield from _objects(answer.iter_lines())
        except (httpx.HTTPError, OSError) as problem:
            raise failures.no_answer(asked, problem) from None


def _objects(lines: Iterator[str]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        if line.startswith(DATA):
            found = json.loads(line[len(DATA) :])
            if isinstance(found, dict) and found:
                yield found
