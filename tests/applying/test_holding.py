"""Flows that are about to fire or run are held back; those that are to go are drained. The server runs executions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action, Plan
from flowctl.model.progress import Step
from flowctl.model.report import ApplyReport, Outcome
from flowctl.remote.client import HttpServer
from tests.applying.faulty import Fault, Faulty, writes_flow
from tests.applying.world import NS, World, source
from tests.remote.loopback import TOKEN, Hidden, Running, running

REFUSED = httpx.Response(422, json={"message": "Invalid entity: no"})
GONE = httpx.ConnectError("connection refused")
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

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        url = f"{self.running.url}/api/v1/main{path}"
        answer = httpx.request(method, url, headers={"Authorization": f"Bearer {TOKEN}"}, **more)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer

    def start(self, id_: str) -> str:
        return str(self.ask("POST", f"/executions/{NS}/{id_}", files={"x": b"x"}).json()["id"])

    def resume(self, execution: str) -> None:
        """Let an execution go on, and wait for its end: that is when the server stops telling about it."""
        self.ask("POST", f"/executions/{execution}/actions/resume")
        self.ask("GET", f"/executions/{execution}/follow")

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


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Running]]:
    """One server; each test has a flow of its own."""
    with running(tmp_path_factory.mktemp("server"), works=True) as found:
        yield lambda: found


@pytest.fixture(params=[False, True], ids=["own", "plain"])
def place(request: pytest.FixtureRequest, servers: Callable[[], Running]) -> Iterator[Place]:
    found = Place(servers(), request.param)
    yield found
    found.wire.faults = []
    for row in found.ask("GET", "/executions/search?size=100").json()["results"]:
        found.ask("DELETE", f"/executions/{row['id']}")
    found.world.flows, found.world.calls = {}, {}
    assert found.apply(quiet_window=None).ok
    found.server.close()


def ends(report: ApplyReport) -> dict[str, str]:
    return {str(result.key): result.outcome.value for result in report.results}


def test_a_running_flow_is_held_and_written_when_it_has_ended(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    seen: list[int] = []

    def look() -> None:
        for id_ in ("lone", "busy"):
            flow = place.server.read_flow(FlowKey(NS, id_))
            assert flow is not None
            seen.append(flow.revision)
        place.resume(execution)

    report = place.apply(pause=place.pausing((5.0, look)))
    assert report.ok, report
    assert seen[1] == seen[0] - 1
    assert place.holds() == [(f"{NS}/busy", "1 running")]
    assert 5.0 <= place.waited <= 30.0
    assert place.plan().empty


def test_a_flow_that_is_about_to_fire_is_held_until_it_has_fired(place: Place) -> None:
    place.world.flows = {"f": waiting("f", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.world.clock.now = place.due("f") - timedelta(minutes=3)
    place.world.flows = {"f": waiting("f", "second", DAILY)}
    assert place.apply().ok
    assert place.holds() == [(f"{NS}/f", "daily fires in 3 m"), (f"{NS}/f", "daily fires now")]
    assert 180 < place.waited < 300


def test_what_does_not_fire_within_the_window_is_written_at_once(place: Place) -> None:
    place.world.flows = {"f": waiting("f", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.world.clock.now = place.due("f") - timedelta(minutes=6)
    place.world.flows = {"f": waiting("f", "second", DAILY)}
    assert place.apply().ok
    assert (place.holds(), place.waited) == ([], 1.0 if place.server.identity.capabilities.batch is False else 0.0)


def test_what_never_gets_quiet_is_reported_as_held(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    report = place.apply(quiet_timeout=120.0)
    assert not report.ok
    assert ends(report) == {f"{NS}/busy": "held", f"{NS}/lone": "applied"}
    (error,) = [result.error for result in report.results if result.error is not None]
    assert (error.code, error.detail) == ("A121", "1 running")
    assert "not quiet within 2 m" in error.summary
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.released
    assert place.plan().changes[0].key == FlowKey(NS, "busy")


def test_what_needs_a_held_flow_waits_with_it(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "caller": source("caller", calls="busy")}
    place.world.calls = {"caller": "busy"}
    report = place.apply(quiet_timeout=60.0)
    assert ends(report) == {f"{NS}/busy": "held", f"{NS}/caller": "held"}
    assert dict(place.holds())[f"{NS}/caller"] == f"waits with flow {NS}/busy"


def test_the_lock_is_kept_while_it_is_waited(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}
    alive: list[bool] = []

    def spectate() -> None:
        lock = place.running.connect().read_lock(NS)
        alive.append(lock is not None and not lock.released and lock.expires_at > place.world.clock())

    steps = [(at, spectate) for at in (100.0, 300.0, 600.0)]
    assert place.apply(pause=place.pausing(*steps, (900.0, lambda: place.resume(execution)))).ok
    assert alive == [True, True, True]


def test_an_interrupt_while_waiting_ends_in_a_whole_report(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    stop = threading.Event()
    report = place.apply(stop=stop, pause=place.pausing((30.0, stop.set)))
    assert report.interrupted
    assert ends(report) == {f"{NS}/busy": "not_attempted", f"{NS}/lone": "applied"}
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.released
    assert [str(change.key) for change in place.plan().changes] == [f"{NS}/busy"]


def test_a_flow_that_was_edited_while_it_was_held_is_not_overwritten(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}

    def edit() -> None:
        place.running.connect().update_flow(FlowKey(NS, "busy"), waiting("busy", "by hand"))
        place.resume(execution)

    report = place.apply(pause=place.pausing((10.0, edit)))
    assert ends(report) == {f"{NS}/busy": "failed"}
    assert report.results[0].error is not None and report.results[0].error.code == "A104"
    place.running.connect().update_flow(FlowKey(NS, "busy"), waiting("busy"))


def test_a_lock_that_is_taken_away_while_waiting_ends_the_wait(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}

    def take() -> None:
        lock = place.running.connect().read_lock(NS)
        assert lock is not None
        place.running.connect().write_lock(NS, replace(lock, id="theirs", owner="bob", intents=()))

    report = place.apply(pause=place.pausing((10.0, take)))
    assert ends(report) == {f"{NS}/busy": "not_attempted"}
    assert [problem.code for problem in report.problems] == ["A113"]
    assert place.waited < 60
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.id == "theirs"
    place.running.connect().write_lock(NS, replace(lock, released=True))


def test_a_server_that_is_away_while_waiting_is_waited_for(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}
    away = Fault(lambda request: True, GONE, times=25)
    steps = (10.0, lambda: place.wire.faults.append(away)), (60.0, lambda: place.resume(execution))
    report = place.apply(pause=place.pausing(*steps))
    assert report.ok, report
    assert away.times == 0
    notes = [event.diagnostic.code for event in place.world.progress if event.diagnostic is not None]
    assert notes == ["A123"]


def test_with_rollback_what_is_held_for_ever_takes_the_rest_back(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    report = place.apply(quiet_timeout=60.0, rollback_on_error=True)
    assert ends(report) == {f"{NS}/busy": "held", f"{NS}/lone": "rolled_back"}


@pytest.mark.parametrize("option", ["fail_fast", "rollback_on_error"])
def test_after_a_failure_nothing_is_waited_for(place: Place, option: str) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    place.wire.faults = [Fault(writes_flow("lone"), REFUSED)]
    report = place.apply(**{option: True})
    assert ends(report) == {f"{NS}/busy": "not_attempted", f"{NS}/lone": "failed"}
    assert place.waited < 2.0


def test_a_flow_that_goes_is_drained_and_deleted(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {}
    seen: list[bool] = []
    steps = (5.0, lambda: seen.append(place.enabled("busy"))), (30.0, lambda: place.resume(execution))
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    assert seen == [False]
    assert place.holds() == [(f"{NS}/busy", "1 running")]
    assert place.server.read_flow(FlowKey(NS, "busy")) is None
    lock = place.server.read_lock(NS)
    assert lock is not None and (lock.released, lock.paused) == (True, ())


def test_a_flow_that_does_not_come_to_rest_stays_as_it_was(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert ends(report) == {f"{NS}/busy": "held"}
    error = report.results[0].error
    assert error is not None and (error.code, error.detail) == ("A122", "1 running")
    flow = place.server.read_flow(FlowKey(NS, "busy"))
    assert flow is not None and flow.source == waiting("busy", extra=DAILY)
    assert place.enabled("busy")


def test_a_drain_that_is_interrupted_switches_triggers_on_again(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    stop = threading.Event()
    report = place.apply(place.plan(drain=True), quiet_window=None, stop=stop, pause=place.pausing((9.0, stop.set)))
    assert report.interrupted
    assert place.enabled("busy")


def test_a_trigger_that_was_off_before_stays_off(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.server.switch_trigger(FlowKey(NS, "busy"), "daily", off=True)
    place.start("busy")
    place.world.flows = {}
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert report.count(Outcome.HELD) == 1
    assert not place.enabled("busy")


def test_a_trigger_that_cannot_be_switched_on_again_is_told_and_tried_by_the_next_apply(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    refuse = Fault(lambda request: b'"disabled":false' in request.content, httpx.Response(403, json={}), times=1)
    place.wire.faults = [refuse]
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert [problem.code for problem in report.problems] == ["A124"]
    assert "flowctl triggers enable -e dev dev/busy daily" in report.problems[0].hint
    assert not place.enabled("busy")
    place.world.flows = {"busy": waiting("busy", "second", DAILY)}
    assert place.apply(quiet_window=None).ok
    assert place.enabled("busy")


@pytest.mark.parametrize("single", [False, True])
def test_what_a_killed_drain_left_switched_off_is_switched_on_by_the_next_apply(place: Place, single: bool) -> None:
    """A kill leaves the lock as it was, with the triggers that were switched off."""

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    with pytest.raises(Killed):
        place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing((9.0, kill)))
    lock = place.server.read_lock(NS)
    assert lock is not None and (lock.released, lock.paused) == (False, ((FlowKey(NS, "busy"), "daily"),))
    assert not place.enabled("busy")
    place.world.clock.forward(300)
    place.world.flows = {"busy": waiting("busy", "second", DAILY)}
    plan = place.plan()
    assert "daily of dev/busy" in plan.warnings[0].detail
    assert place.apply(plan, quiet_window=None, single=single).ok
    assert place.enabled("busy")
