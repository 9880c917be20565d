"""What each action does to an execution in each state, in both dialects.

A cell is what the server answers and the state that the execution comes to rest in: `-` where it stays as it is, `gone`
where it is deleted. The texts of refusals are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from flowctl.model.environment import Dialect
from tests.remote.loopback import TOKEN, running

STATES = ("CREATED", "QUEUED", "RUNNING", "PAUSED", "RETRYING", "SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED")
OPEN, ENDED = STATES[:5], STATES[5:]
Row = dict[str, str]

NO = "refused -"
ALL_REFUSED: Row = dict.fromkeys(STATES, NO)
TABLE: dict[str, Row] = {
    "restart": ALL_REFUSED | {"PAUSED": "ok PAUSED", "FAILED": "ok FAILED"},
    "replay": ALL_REFUSED | dict.fromkeys(ENDED, "ok -"),
    "resume": ALL_REFUSED | {"PAUSED": "ok SUCCESS"},
    "pause": ALL_REFUSED | {"RUNNING": "ok PAUSED"},
    "kill": dict.fromkeys(OPEN, "ok KILLED") | dict.fromkeys(ENDED, "ok -"),
    "change-status": ALL_REFUSED | dict.fromkeys(ENDED, "ok WARNING"),
    "force-run": ALL_REFUSED
    | {
        "CREATED": "ok SUCCESS",
        "QUEUED": "ok PAUSED",
        "PAUSED": "ok SUCCESS",
        "RUNNING": "ok -",
        "RETRYING": "ok -",
    },
    "unqueue": ALL_REFUSED | {"QUEUED": "ok PAUSED"},
    "labels": dict.fromkeys(STATES, "ok -"),
    "delete": dict.fromkeys(STATES, "ok gone"),
}
LOG = "  - {id: l, type: io.kestra.plugin.core.log.Log, message: m}\n"
FAIL = "io.kestra.plugin.core.execution.Fail"
PAUSE = "tasks:\n  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n"
FLOWS = {
    "good": f"tasks:\n{LOG}",
    "warns": f"tasks:\n  - {{id: f, type: {FAIL}, allowFailure: true}}\n",
    "fails": f"tasks:\n{LOG}  - {{id: f, type: {FAIL}}}\n",
    "sleeps": "tasks:\n  - {id: s, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}\n" + LOG,
    "waits": PAUSE + LOG,
    "retries": f"tasks:\n  - {{id: f, type: {FAIL}, retry: {{type: constant, interval: PT1H, maxAttempts: 3}}}}\n",
    "queues": "concurrency: {limit: 1, behavior: QUEUE}\n" + PAUSE,
    "cancels": "concurrency: {limit: 1, behavior: CANCEL}\n" + PAUSE,
}
STARTED = {
    "CREATED": "good",
    "QUEUED": "queues",
    "RUNNING": "sleeps",
    "PAUSED": "waits",
    "RETRYING": "retries",
    "SUCCESS": "good",
    "WARNING": "warns",
    "FAILED": "fails",
    "KILLED": "sleeps",
    "CANCELLED": "cancels",
}
AHEAD = ("queues", "cancels")
OPTIONS: dict[str, dict[str, object]] = {
    "resume": {"files": {"none": b""}},
    "change-status": {"params": {"status": "WARNING"}},
    "unqueue": {"params": {"state": "RUNNING"}},
    "labels": {"json": [{"key": "k", "value": "v"}]},
}


class Engine:
    """A server that runs executions, over HTTP."""

    def __init__(self, url: str, dialect: Dialect) -> None:
        self.dialect = dialect
        self.http = httpx.Client(
            base_url=f"{url}/api/v1/main", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
        )
        for id_, tasks in FLOWS.items():
            text = f"id: {id_}\nnamespace: table\n{tasks}"
            self.http.post("/flows", content=text, headers={"Content-Type": "application/x-yaml"}).raise_for_status()
        for id_ in AHEAD:
            self.reach(self.start(id_), "PAUSED")

    def start(self, flow: str, **query: str) -> str:
        """Start a flow. Returns the execution's id."""
        answer = self.http.post(f"/executions/table/{flow}", params=query, files={"none": b""})
        return str(answer.raise_for_status().json()["id"])

    def state(self, id_: str) -> str:
        """The state now; `gone` when there is no such execution."""
        answer = self.http.get(f"/executions/{id_}")
        return "gone" if answer.status_code == 404 else str(answer.json()["state"]["current"])

    def reach(self, id_: str, state: str) -> None:
        """Follow the execution's events until it is in a state."""
        if self.state(id_) == state:
            return
        with self.http.stream("GET", f"/executions/{id_}/follow") as events:
            for line in events.iter_lines():
                if f'"current":"{state}"' in line and self.state(id_) == state:
                    return
        assert self.state(id_) == state

    def in_state(self, state: str) -> str:
        """An execution that has come to a state."""
        later = {"scheduleDate": "2099-01-01T00:00:00Z"} if state == "CREATED" else {}
        id_ = self.start(STARTED[state], **later)
        if state == "KILLED":
            self.reach(id_, "RUNNING")
            self.act(id_, "kill")
        self.reach(id_, state)
        return id_

    def act(self, id_: str, action: str) -> httpx.Response:
        """Ask for an action."""
        if action == "delete":
            return self.http.delete(f"/executions/{id_}")
        between = "" if self.dialect == "1.3" else "/actions"
        method = "DELETE" if action == "kill" else "POST"
        return self.http.request(method, f"/executions/{id_}{between}/{action}", **OPTIONS.get(action, {}))  # type: ignore[arg-type]  # keyword arguments of a request


@pytest.fixture(scope="module", params=["2.0", "1.3"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with ExitStack() as stack:
        found = stack.enter_context(running(tmp_path_factory.mktemp("table"), request.param, works=True))
        made = Engine(found.url, request.param)
        yield made
        made.http.close()


CELLS = [(action, state, cell) for action, row in TABLE.items() for state, cell in row.items()]


@pytest.mark.parametrize(("action", "state", "cell"), CELLS, ids=[f"{action}-{state}" for action, state, _ in CELLS])
def test_the_table(engine: Engine, action: str, state: str, cell: str) -> None:
    allowed, reached = cell.split()
    id_ = engine.in_state(state)
    answer = engine.act(id_, action)
    assert answer.status_code == status(engine.dialect, action, allowed), answer.text
    engine.reach(id_, state if reached == "-" else reached)
    if allowed == "ok" and action == "replay":
        again = answer.json()
        assert again["id"] != id_ and again["originalId"] == id_


def status(dialect: Dialect, action: str, allowed: str) -> int:
    """What a server of a dialect answers."""
    if allowed == "refused":
        return 409 if dialect == "2.0" or action == "resume" else 422
    if action == "delete":
        return 204
    if dialect == "1.3":
        return {"kill": 202}.get(action, 200)
    return 200
