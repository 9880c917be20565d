"""A server with its executor in process, and what tests of executions ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowctl.engine.api.runtime import PART
from flowctl.engine.executor.assembling import assemble
from flowctl.model.environment import Dialect
from tests.engine.api.server import Server, running
from tests.engine.running import Engine

KEY = "company.team"
INPUTS = "inputs:\n  - {id: name, type: STRING}\n  - {id: n, type: INT, defaults: 3, max: 9}\n"
PAUSE = (
    f"id: p\nnamespace: {KEY}\ntasks:\n  - id: stop\n    type: io.kestra.plugin.core.flow.Pause\n"
    "  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}\n"
)
FAIL = f"id: bad\nnamespace: {KEY}\ntasks:\n  - {{id: fail, type: io.kestra.plugin.core.execution.Fail}}\n"


class Api:
    """A server with its executor."""

    def __init__(self, server: Server, engine: Engine) -> None:
        self.server, self.engine = server, engine

    def start(self, flow_id: str = "f", query: str = "?wait=true", **inputs: str) -> Any:
        answer = self.server.post(
            f"/executions/{KEY}/{flow_id}{query}",
            files={name: (None, value) for name, value in inputs.items()} or {"__none": (None, "x")},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def paused(self) -> str:
        self.server.save(PAUSE)
        id_ = str(self.start("p", "")["id"])
        self.engine.wait_state(id_, "PAUSED")
        return id_


def api_of(directory: Path, dialect: Dialect) -> Iterator[Api]:
    with running(directory, dialect) as server:
        executor = assemble(server.store, directory, dialect, environ={})
        server.app.state.context.parts[PART] = executor
        executor.start()
        try:
            yield Api(server, Engine(server.store, executor))
        finally:
            executor.close()
