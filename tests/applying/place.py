"""A client, the files that it applies, and executions on a server that runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import httpx

from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action, Plan
from flowctl.model.progress import Step
from flowctl.model.report import ApplyReport
from flowctl.planning.selection import Selection
from flowctl.remote.client import HttpServer
from tests.applying.faulty import Faulty
from tests.applying.world import NS, World
from tests.remote.loopback import TOKEN, Hidden, Running

PAUSE = "tasks:\n  - id: wait\n    type: io.kestra.plugin.core.flow.Pause\n"
DAILY = 'triggers:\n  - id: daily\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: "0 8 * * *"\n'


def waiting(id_: str, comment: str = "first", extra: str = "") -> str:
    """A flow whose executions run until they are resumed."""
    return f"# {comment}\nid: {id_}\nnamespace: {NS}\n{PAUSE}{extra}"


class Place:
    """A client in one of the modes, its world, and executions on the server."""

    def __init__(self, found: Running, plain: bool) -> None:
        self.running = found
        environment = found.environment(plain=plain, parallelism=2)
        self.wire = Faulty(Hidden() if plain else httpx.HTTPTransport())
        self.server: HttpServer = found.connect(environment, plain=plain, transport=self.wire)
        self.world = World(environment)
        self.waited = 0.0

    def ask(self, method: str, path: str, *, check: bool = True, **more: object) -> httpx.Response:
        url = f"{self.running.url}/api/v1/main{path}"
        answer = httpx.request(method, url, headers={"Authorization": f"Bearer {TOKEN}"}, **more)  # type: ignore[arg-type]
        return answer.raise_for_status() if check else answer

    def start(self, id_: str) -> str:
        return str(self.ask("POST", f"/executions/{NS}/{id_}", files={"x": b"x"}).json()["id"])

    def resume(self, execution: str) -> None:
        """Let an execution go on, and wait for its end: that is when the server stops telling about it."""
        self.go_on(execution)
        self.ask("GET", f"/executions/{execution}/follow")

    def go_on(self, execution: str) -> None:
        """Let an execution go on."""
        self.ask("POST", f"/executions/{execution}/{'actions/' * self.server.identity.modern}resume")

    def enabled(self, id_: str) -> bool:
        (trigger,) = self.server.read_activity([FlowKey(NS, id_)]).triggers
        return not trigger.disabled

    def due(self, id_: str) -> datetime:
        (trigger,) = self.server.read_activity([FlowKey(NS, id_)]).triggers
        assert trigger.next_date is not None
        return trigger.next_date

    def plan(self, *, drain: bool = False) -> Plan:
        """A plan whose deletes are drained, as `--drain` makes it."""
        plan = self.world.plan(self.server)
        changes = tuple(replace(one, drain=drain and one.action is Action.DELETE) for one in plan.changes)
        return replace(plan, changes=changes, refusals=())

    def plan_of(self, id_: str) -> Plan:
        """A plan for one flow alone."""
        return self.world.plan(self.server, selection=Selection((f"{NS}/{id_}",)))

    def paused(self, id_: str) -> list[str]:
        """The executions of a flow that wait to be resumed, once there is one."""
        while True:
            params = {"filters[flowId][EQUALS]": id_, "filters[state][IN]": "PAUSED", "size": 100}
            rows = self.ask("GET", "/executions/search", params=params).json()["results"]
            if rows:
                return [str(row["id"]) for row in rows]

    def pausing(self, *steps: tuple[float, Callable[[], object]]) -> Callable[[float], None]:
        """A pause that moves the clock, and does each step once so many seconds have been waited."""
        left, self.waited = list(steps), 0.0

        def pause(seconds: float) -> None:
            self.waited += seconds
            self.world.clock.forward(seconds)
            while left and self.waited >= left[0][0]:
                left.pop(0)[1]()

        return pause

    def apply(self, plan: Plan | None = None, **options: object) -> ApplyReport:
        options = {"pause": self.pausing(), "quiet_window": 300.0, **options}
        return self.world.apply(self.server, plan or self.plan(), **options)  # type: ignore[arg-type]

    def holds(self) -> list[tuple[str, str]]:
        """What was said to be held, and why."""
        events = [event for event in self.world.progress if event.step is Step.HELD]
        return [(str(event.change.key), event.why) for event in events if event.change is not None]


def ends(report: ApplyReport) -> dict[str, str]:
    return {str(result.key): result.outcome.value for result in report.results}
