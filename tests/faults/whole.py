"""A server with all its parts in this process: API, executor and scheduler over one store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from flowctl.engine.api.app import create_app
from flowctl.engine.components import components
from flowctl.engine.settings import Settings
from flowctl.engine.store import Store
from tests.engine.api.server import CREDENTIALS, Clock, Server

GOOD = (
    "id: good\nnamespace: whole\ntasks:\n  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"
    "triggers:\n  - {id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 0 1 1 *'}\n"
)


class Whole:
    """A server with all its parts over a directory, and started again over the same one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._begin()

    def _begin(self) -> None:
        self._store = Store.open(self._directory, environ={})
        app = create_app(self._store, Settings(self._directory, dialect="lenient", credentials=CREDENTIALS))
        self._parts = components(app.state.context)
        for part in self._parts:
            asyncio.run(part.start())
        self.server = Server(app, self._store, Clock())

    def close(self) -> None:
        for part in reversed(self._parts):
            asyncio.run(part.stop())
        self._store.close()

    def failures(self) -> list[str]:
        """Flows whose executions ended by an error inside the server."""
        statement = "SELECT DISTINCT flow_id FROM logs WHERE message LIKE 'an error inside the server%'"
        return [row[0] for row in self._store.read(lambda connection: connection.execute(statement).fetchall())]

    def again(self) -> None:
        """The next start."""
        self.close()
        self._begin()

    def works(self) -> None:
        """A good flow is saved and runs, and listings answer."""
        assert self.server.save(GOOD).status_code in (200, 409)
        answer = self.server.post("/executions/whole/good?wait=true")
        assert answer.json()["state"]["current"] == "SUCCESS", answer.text
        for path in ("/flows/search?size=100", "/executions/search?size=100", "/triggers/search?size=100"):
            assert self.server.get(path).status_code == 200

    def ended(self, id_: str) -> dict[str, Any]:
        """An execution when it has ended."""
        self.server.get(f"/executions/{id_}/follow")
        found: dict[str, Any] = self.server.get(f"/executions/{id_}").json()
        return found
