"""Two applies at once, dead ones, and locks that are taken away."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from flowctl.applying.process import is_gone, this_process
from flowctl.applying.refusals import locked
from flowctl.applying.unlock import unlock
from flowctl.errors import ApplyError, Interrupted
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Intent, Lock
from flowctl.model.progress import Step
from flowctl.model.report import Outcome
from flowctl.remote.client import HttpServer
from tests.applying.faulty import Fault, Faulty
from tests.applying.world import NS, World, source
from tests.remote.loopback import Hidden, Running

MODES = ["batch", "single", "plain"]


class Place:
    """A client in one of the modes and its world."""

    def __init__(self, running: Running, mode: str) -> None:
        self.running, self.mode = running, mode
        environment = running.environment(plain=mode == "plain")
        self.wire = Faulty(Hidden() if mode == "plain" else httpx.HTTPTransport())
        self.server: HttpServer = running.connect(environment, plain=mode == "plain", transport=self.wire)
        self.world = World(environment, flows={"f": source("f")})

    def apply(self, **options: object):  # type: ignore[no-untyped-def]
        single: dict[str, object] = {"single": True} if self.mode == "single" else {}
        return self.world.apply(self.server, **single, **options)  # type: ignore[arg-type]

    def lock(self, **changes: object) -> Lock:
        now = self.world.clock()
        held = Lock("theirs", "bob", "laptop", now, now + timedelta(seconds=120), "plan-x")
        return replace(held, **changes)  # type: ignore[arg-type]

    def hold(self, **changes: object) -> None:
        self.running.connect().write_lock(NS, self.lock(**changes))


@pytest.fixture(params=MODES)
def place(request: pytest.FixtureRequest, live_server: Running) -> Iterator[Place]:
    found = Place(live_server, request.param)
    yield found
    found.server.close()


def test_a_held_lock_refuses_and_names_its_holder(place: Place) -> None:
    place.hold()
    with pytest.raises(ApplyError) as error:
        place.apply()
    one = error.value.diagnostics[0]
    assert one.code == "A103"
    assert "bob@laptop" in one.summary
    assert "theirs" in one.detail and "flowctl unlock dev theirs" in one.hint
    assert place.server.read_flow(FlowKey(NS, "f")) is None


def test_a_held_lock_is_waited_for(place: Place) -> None:
    place.hold()
    waited = 0.0

    def pause(seconds: float) -> None:
        nonlocal waited
        waited += seconds
        place.world.clock.forward(seconds)
        if waited >= 5 and waited < 5 + seconds:
            place.hold(released=True)

    assert place.apply(lock_timeout=60.0, pause=pause).ok
    assert [event.step for event in place.world.progress].count(Step.LOCK_WAIT) == 1


def test_waiting_has_an_end(place: Place) -> None:
    place.hold()
    with pytest.raises(ApplyError) as error:
        place.apply(lock_timeout=10.0)
    assert error.value.diagnostics[0].code == "A103"
    assert "after waiting 10 s" in error.value.diagnostics[0].summary


@pytest.mark.parametrize(("waited", "said"), [(0.0047, "laptop"), (10.2, "laptop after waiting 10 s")])
def test_a_wait_is_told_in_whole_seconds(waited: float, said: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    held = Lock("theirs", "bob", "laptop", now, now, "p")
    assert locked(held, now, "dev", waited).summary.endswith(said)


def test_waiting_can_be_interrupted(place: Place) -> None:
    place.hold()
    stop = threading.Event()
    with pytest.raises(Interrupted):
        place.apply(lock_timeout=60.0, stop=stop, pause=lambda _: stop.set())


def test_an_expired_lock_is_taken_over(place: Place) -> None:
    place.hold(expires_at=place.world.clock() - timedelta(seconds=1))
    assert place.apply().ok


def test_the_lock_of_a_process_that_is_gone_is_taken_over_at_once(place: Place) -> None:
    script = "from flowctl.applying.process import this_process; print(this_process())"
    dead = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    place.hold(process=dead)
    assert place.apply().ok


def test_the_lock_of_a_process_that_lives_is_respected(place: Place) -> None:
    place.hold(process=this_process())
    with pytest.raises(ApplyError):
        place.apply()


def test_afterwards_the_lock_is_given_back_and_says_what_was_applied(place: Place) -> None:
    report = place.apply()
    lock = place.server.read_lock(NS)
    assert lock is not None
    assert (lock.released, lock.plan_id, lock.intents, lock.owner) == (True, report.plan_id, (), "ann")


def test_unlock_wants_the_right_id(place: Place) -> None:
    place.hold()
    with pytest.raises(ApplyError) as error:
        unlock(place.server, place.world.environment, "other", place.world.clock)
    assert error.value.diagnostics[0].code == "A106"
    assert "theirs" in error.value.diagnostics[0].detail


def test_unlock_without_a_lock_is_an_error(place: Place) -> None:
    with pytest.raises(ApplyError) as error:
        unlock(place.server, place.world.environment, "theirs", place.world.clock)
    assert error.value.diagnostics[0].code == "A106"


def test_unlock_lets_others_in_and_keeps_what_the_dead_apply_intended(place: Place) -> None:
    flow = place.running.connect().create_flow(FlowKey(NS, "f"), source("f", "from the dead"))
    place.hold(intents=(Intent(FlowKey(NS, "f"), flow.digest),))
    assert unlock(place.server, place.world.environment, "theirs", place.world.clock).lock.owner == "bob"
    plan = place.world.plan(place.server)
    assert plan.refusals == ()
    assert place.apply(plan=plan).ok


def test_intents_of_a_dead_apply_survive_the_next_one_that_dies_too(place: Place) -> None:
    """The second apply is refused after it took the lock: what the first one wrote must still be ours."""
    flow = place.running.connect().create_flow(FlowKey(NS, "f"), source("f", "first"))
    past = place.world.clock() - timedelta(seconds=1)
    place.hold(expires_at=past, intents=(Intent(FlowKey(NS, "f"), flow.digest),))
    plan = place.world.plan(place.server)
    with pytest.raises(ApplyError):
        place.apply(plan=replace(plan, server=replace(plan.server, id="elsewhere")))
    again = place.world.plan(place.server)
    assert again.refusals == ()
    assert place.apply(plan=again).ok


@pytest.mark.parametrize("mode", ["single", "plain"])
def test_an_apply_whose_lock_is_taken_away_stops_and_says_so(live_server: Running, mode: str) -> None:
    place = Place(live_server, mode)
    place.world.flows = {f"f{number}": source(f"f{number}") for number in range(6)}

    def interfere(request: httpx.Request) -> None:
        if b"id: f2\n" in request.content:
            place.hold()

    place.wire.before = interfere
    report = place.apply(parallelism=1)
    assert [problem.code for problem in report.problems] == ["A113"]
    assert "bob@laptop" in report.problems[0].detail
    assert (report.count(Outcome.APPLIED), report.count(Outcome.NOT_ATTEMPTED)) == (3, 3)
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.id == "theirs"


@pytest.mark.parametrize("mode", ["single", "plain"])
def test_what_was_written_before_an_unlock_stays_known_as_ours(live_server: Running, mode: str) -> None:
    """The intents were recorded before the first write, and outlive the apply that was unlocked."""
    place = Place(live_server, mode)
    place.world.flows = {f"f{number}": source(f"f{number}") for number in range(6)}

    def interfere(request: httpx.Request) -> None:
        if b"id: f2\n" in request.content:
            lock = place.running.connect().read_lock(NS)
            assert lock is not None
            unlock(place.running.connect(), place.world.environment, lock.id, place.world.clock)

    place.wire.before = interfere
    report = place.apply(parallelism=1)
    assert [problem.code for problem in report.problems] == ["A113"]
    assert report.count(Outcome.APPLIED) == 3
    place.wire.before = lambda _: None
    place.world.flows = {id_: source(id_, "edited") for id_ in place.world.flows}
    plan = place.world.plan(place.server)
    assert (plan.refusals, plan.unmanaged) == ((), ())
    assert place.apply(plan=plan).ok


def test_each_worker_writes_at_most_once_after_the_lock_was_taken_away(live_server: Running) -> None:
    place = Place(live_server, "plain")
    place.world.flows = {f"f{number:02}": source(f"f{number:02}") for number in range(30)}
    taken = threading.Event()
    late: list[str] = []

    def interfere(request: httpx.Request) -> None:
        if request.method == "POST" and request.url.path.endswith("/flows"):
            if taken.is_set():
                late.append(request.url.path)
            elif b"id: f09\n" in request.content:
                place.hold()
                taken.set()

    place.wire.before = interfere
    report = place.apply(parallelism=3)
    assert [problem.code for problem in report.problems] == ["A113"]
    assert len(late) <= 2
    assert report.count(Outcome.NOT_ATTEMPTED) >= 17


def test_a_write_waits_for_a_server_that_says_whose_the_lock_is(live_server: Running) -> None:
    place = Place(live_server, "plain")
    place.world.flows = {"f": source("f")}
    looks: list[None] = []

    def is_look(request: httpx.Request) -> bool:
        """The read of the lock right before the write: the first after it was announced."""
        if request.method == "PUT" and request.url.path.endswith("/kv/flowctl.lock"):
            looks.append(None)
        return request.method == "GET" and request.url.path.endswith("/kv/flowctl.lock") and len(looks) == 2

    place.wire.faults = [Fault(is_look, httpx.Response(403, json={"message": "no"}))]
    report = place.apply(parallelism=1)
    assert report.count(Outcome.FAILED) == 1
    assert place.server.read_flow(FlowKey(NS, "f")) is None
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.released


@pytest.mark.parametrize("mode", ["single", "plain"])
def test_nothing_is_rolled_back_over_somebody_else(live_server: Running, mode: str) -> None:
    place = Place(live_server, mode)
    place.world.flows = {f"f{number}": source(f"f{number}") for number in range(4)}

    def interfere(request: httpx.Request) -> None:
        if b"id: f2\n" in request.content:
            place.hold()

    place.wire.before = interfere
    report = place.apply(parallelism=1, rollback_on_error=True)
    assert report.count(Outcome.ROLLED_BACK) == 0
    assert [problem.code for problem in report.problems] == ["A108", "A108", "A108", "A113"]
    assert place.server.read_flow(FlowKey(NS, "f0")) is not None


@pytest.mark.parametrize("mode", ["single", "plain"])
def test_a_long_apply_renews_its_lock_and_writes_its_ledger_on_the_way(live_server: Running, mode: str) -> None:
    place = Place(live_server, mode)
    place.world.flows = {f"f{number}": source(f"f{number}") for number in range(6)}
    seen: list[tuple[int, bool]] = []

    def pass_time(request: httpx.Request) -> None:
        if request.url.path.endswith("/flows") and request.method == "POST":
            place.world.clock.forward(50)
            spectator = place.running.connect()
            ledger, lock = spectator.read_ledger(NS), spectator.read_lock(NS)
            assert ledger is not None and lock is not None
            seen.append((len(ledger.entries), lock.expires_at > place.world.clock()))

    place.wire.before = pass_time
    assert place.apply(parallelism=1, fence_seconds=10_000.0).ok
    assert [count for count, _ in seen] == [0, 1, 2, 3, 4, 5]
    assert all(alive for _, alive in seen)


def test_two_that_take_a_free_lock_at_the_same_moment_do_not_both_get_it(live_server: Running) -> None:
    """On a plain server: the second writes its lock into the first one's pause, and the first gives way."""
    first, second = Place(live_server, "plain"), Place(live_server, "plain")
    second.world.clock = first.world.clock
    second.world.flows = {"g": source("g")}
    reports = []

    def into_the_pause(seconds: float) -> None:
        if not reports:
            live_server.connect().write_lock(
                NS, Lock("x", "", "", first.world.clock(), first.world.clock(), "", released=True)
            )
            reports.append(second.apply())
        first.world.clock.forward(seconds)

    first.world.flows = {"g": source("g")}
    plan = first.world.plan(first.server)
    with pytest.raises(ApplyError) as error:
        first.apply(plan=plan, pause=into_the_pause)
    assert reports[0].ok
    assert error.value.diagnostics[0].code == "A104"


def test_a_process_knows_itself_and_not_others() -> None:
    assert is_gone(this_process()) is False
    assert is_gone(None) is False
    assert is_gone("elsewhere/pid:[1]/1/1") is False
    assert is_gone("nonsense") is False
