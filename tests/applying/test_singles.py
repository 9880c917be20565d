"""Single writes: what happens to the rest when one of them fails, is interrupted, or has to be taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.progress import Step
from flowctl.model.report import ApplyReport, Outcome
from flowctl.remote.client import HttpServer
from tests.applying.faulty import Fault, Faulty, writes_flow, writes_value
from tests.applying.world import NS, World, source, texts
from tests.remote.loopback import Running

BROKEN = httpx.Response(422, json={"message": "Invalid entity: no"})
LOST = httpx.ReadError("connection reset")
Parts = tuple[World, HttpServer, Faulty]


@pytest.fixture
def parts(live_server: Running) -> Iterator[Parts]:
    environment = live_server.environment(parallelism=2)
    wire = Faulty()
    server = live_server.connect(environment, transport=wire)
    yield World(environment), server, wire
    server.close()


def ends(report: ApplyReport) -> dict[str, str]:
    return {str(result.key): result.outcome.value for result in report.results}


def family(world: World) -> None:
    """`top` calls `middle` calls `base`; `lone` calls nobody."""
    world.flows = {
        "top": source("top", calls="middle"),
        "middle": source("middle", calls="base"),
        "base": source("base"),
        "lone": source("lone"),
    }
    world.calls = {"top": "middle", "middle": "base"}


def test_children_are_written_before_their_callers(parts: Parts) -> None:
    world, server, wire = parts
    family(world)
    order: list[bytes] = []
    wire.before = lambda request: order.append(request.content) if request.url.path.endswith("/flows") else None
    world.apply(server, single=True)
    ids = [body.split(b"\n", 1)[0].decode() for body in order]
    assert ids.index("id: base") < ids.index("id: middle") < ids.index("id: top")


def test_what_needs_a_failed_object_is_not_attempted_and_the_rest_goes_on(parts: Parts) -> None:
    world, server, wire = parts
    family(world)
    wire.faults = [Fault(writes_flow("base"), BROKEN)]
    report = world.apply(server, single=True)
    assert ends(report) == {
        "dev/base": "failed",
        "dev/middle": "not_attempted",
        "dev/top": "not_attempted",
        "dev/lone": "applied",
    }
    assert not report.ok
    codes = {str(result.key): result.error.code for result in report.results if result.error}
    assert codes == {"dev/base": "S206", "dev/middle": "A107", "dev/top": "A107"}
    assert world.apply(server, single=True).ok
    assert world.plan(server).empty


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "cannot be reached"),
        (httpx.Response(401), "does not accept the credentials"),
    ],
    ids=["gone", "expired"],
)
def test_a_server_that_is_gone_is_not_asked_for_every_object(
    parts: Parts, fault: httpx.Response | Exception, why: str
) -> None:
    world, server, wire = parts
    world.flows = {f"f{number:02}": source(f"f{number:02}") for number in range(30)}
    wire.faults = [Fault(lambda request: b"id: f" in request.content, fault, times=4 * 30)]
    report = world.apply(server, single=True, parallelism=1)
    assert (report.count(Outcome.FAILED), report.count(Outcome.NOT_ATTEMPTED)) == (3, 27)
    last = report.results[-1].error
    assert last is not None
    assert last.code == "A114"
    assert why in last.summary


def test_a_server_that_comes_back_is_asked_on(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {f"f{number:02}": source(f"f{number:02}") for number in range(30)}
    refused = httpx.ConnectError("[Errno 111] Connection refused")
    wire.faults = [Fault(writes_flow(name), refused, times=4) for name in ("f00", "f01", "f03", "f04")]
    report = world.apply(server, single=True, parallelism=1)
    assert (report.count(Outcome.FAILED), report.count(Outcome.APPLIED)) == (4, 26)


def test_fail_fast_starts_nothing_more(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {f"f{number:02}": source(f"f{number:02}") for number in range(12)}
    wire.faults = [Fault(writes_flow("f00"), BROKEN)]
    report = world.apply(server, single=True, fail_fast=True, parallelism=1)
    assert ends(report)["dev/f00"] == "failed"
    assert report.count(Outcome.NOT_ATTEMPTED) == 11
    assert world.apply(server).ok


def test_an_interrupt_finishes_what_is_in_flight_and_records_it(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {f"f{number:02}": source(f"f{number:02}") for number in range(12)}
    stop = threading.Event()
    wire.before = lambda request: stop.set() if b"id: f03\n" in request.content else None
    report = world.apply(server, single=True, parallelism=1, stop=stop)
    assert report.interrupted
    assert (report.count(Outcome.APPLIED), report.count(Outcome.NOT_ATTEMPTED)) == (4, 8)
    ledger = server.read_ledger(NS)
    assert ledger is not None
    assert {key.id for key in ledger.entries if isinstance(key, FlowKey)} == {"f00", "f01", "f02", "f03"}
    lock = server.read_lock(NS)
    assert lock is not None and lock.released
    second = world.apply(server)
    assert (second.ok, len(second.results)) == (True, 8)


def before_and_after(world: World, server: HttpServer) -> None:
    world.flows = {"gone": source("gone"), "kept": source("kept"), "z": source("z")}
    world.files = {"/data.bin": b"before"}
    world.kv = {"key": "before", "old": "before"}
    assert world.apply(server).ok
    del world.flows["gone"], world.kv["old"]
    world.flows |= {"kept": source("kept", "after"), "new": source("new"), "z": source("z", "after")}
    world.files = {"/data.bin": b"after", "/new.bin": b"after"}
    world.kv = {"key": "after"}


def test_rollback_puts_everything_back_and_proves_it(parts: Parts) -> None:
    world, server, wire = parts
    before_and_after(world, server)
    wire.faults = [Fault(writes_flow("gone", "DELETE"), BROKEN)]
    report = world.apply(server, rollback_on_error=True)
    assert ends(report)["dev/gone"] == "failed"
    assert report.count(Outcome.ROLLED_BACK) == 6
    live = server.read_state(world.environment)
    assert texts(server, live) == {"gone": source("gone"), "kept": source("kept"), "z": source("z")}
    assert server.read_file(FileKey(NS, "/data.bin")) == b"before"
    assert server.read_file(FileKey(NS, "/new.bin")) is None
    assert server.read_value(KvKey(NS, "key")) == ("STRING", "before")
    assert live.ledger is not None
    assert live.ledger.entries[FlowKey(NS, "kept")].revision == live.flows[FlowKey(NS, "kept")].revision == 3
    assert FlowKey(NS, "new") not in live.ledger.entries
    assert any(event.step is Step.ROLLBACK for event in world.progress)
    assert world.apply(server).ok
    assert world.plan(server).empty


def test_what_cannot_be_put_back_is_reported(parts: Parts) -> None:
    world, server, wire = parts
    before_and_after(world, server)
    old = source("kept").encode()
    wire.faults = [
        Fault(writes_flow("gone", "DELETE"), BROKEN),
        Fault(lambda request: request.method == "PUT" and request.content == old, BROKEN),
    ]
    report = world.apply(server, rollback_on_error=True)
    assert [problem.code for problem in report.problems] == ["A108"]
    assert report.problems[0].subject == "flow dev/kept"
    assert ends(report)["dev/kept"] == "applied"
    ledger = server.read_ledger(NS)
    assert ledger is not None and ledger.entries[FlowKey(NS, "kept")].revision == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_lost_answer_of_a_create_an_update_and_a_delete(parts: Parts, method: str) -> None:
    world, server, wire = parts
    world.flows = {"f": source("f"), "g": source("g")}
    if method != "POST":
        world.apply(server)
        world.flows["f"] = source("f", "changed")
    if method == "DELETE":
        del world.flows["f"]
    wire.faults = [Fault(writes_flow("f", method), LOST, delivered=True)]
    report = world.apply(server, single=True)
    assert report.ok
    live = server.read_state(world.environment)
    assert texts(server, live) == world.flows
    assert world.plan(server).empty


def test_an_update_whose_answer_stays_away_is_read_back(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {"f": source("f")}
    world.apply(server)
    world.flows = {"f": source("f", "changed")}
    wire.faults = [Fault(writes_flow("f", "PUT"), LOST, delivered=True, times=4)]
    report = world.apply(server, single=True)
    assert report.ok
    assert report.results[0].revision_after == 2


def test_a_write_that_nobody_can_vouch_for_leaves_its_intent(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {"f": source("f"), "g": source("g")}
    wire.faults = [
        Fault(writes_flow("f", "POST"), LOST, delivered=True),
        Fault(lambda request: request.method == "GET" and request.url.path.endswith("/flows/dev/f"), LOST, times=12),
    ]
    report = world.apply(server, single=True)
    assert ends(report) == {"dev/f": "failed", "dev/g": "applied"}
    lock = server.read_lock(NS)
    assert lock is not None and not lock.released
    assert [intent.key for intent in lock.intents] == [FlowKey(NS, "f")]
    world.flows["f"] = source("f", "edited meanwhile")
    plan = world.plan(server)
    assert plan.refusals == ()
    assert world.apply(server, plan).ok


def test_a_ledger_that_cannot_be_written_is_a_problem_and_loses_nothing(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {"f": source("f")}
    world.apply(server)
    world.flows = {"f": source("f", "two"), "g": source("g")}
    wire.faults = [Fault(writes_value("flowctl.ledger"), httpx.Response(500), times=9)]
    report = world.apply(server, single=True)
    assert [problem.code for problem in report.problems] == ["A109"]
    assert report.count(Outcome.APPLIED) == 2
    wire.faults = []
    world.flows = {"f": source("f", "three"), "g": source("g", "three")}
    plan = world.plan(server)
    assert plan.refusals == ()
    assert world.apply(server, plan).ok
    assert world.plan(server).empty


def test_no_intent_no_write(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {"f": source("f")}
    locks = 0

    def second_lock(request: httpx.Request) -> bool:
        nonlocal locks
        locks += b'"flowctl.lock"' in request.content
        return locks == 2 and b'"flowctl.lock"' in request.content

    wire.faults = [Fault(second_lock, httpx.Response(500))]
    with pytest.raises(Exception, match="failed inside"):
        world.apply(server, single=True)
    assert server.read_state(world.environment).flows == {}


def test_a_flow_that_the_server_stores_otherwise_is_said(parts: Parts) -> None:
    world, server, wire = parts
    world.flows = {"f": source("f")}
    rewritten = {"id": "f", "namespace": NS, "revision": 1, "source": source("f") + "# policy\n"}
    wire.faults = [Fault(writes_flow("f", "POST"), httpx.Response(200, json=rewritten), delivered=True)]
    report = world.apply(server, single=True)
    assert report.results[0].outcome is Outcome.FAILED
    assert report.results[0].error is not None and report.results[0].error.code == "A111"


def test_a_save_in_the_last_moment_is_noticed_by_its_revision(parts: Parts, live_server: Running) -> None:
    world, server, wire = parts
    world.flows = {"f": source("f")}
    world.apply(server)
    world.flows = {"f": source("f", "ours")}
    other = live_server.connect()

    def interfere(request: httpx.Request) -> None:
        if request.method == "PUT" and request.url.path.endswith("/flows/dev/f"):
            wire.before = lambda _: None
            other.update_flow(FlowKey(NS, "f"), source("f", "theirs"))

    wire.before = interfere
    report = world.apply(server, single=True)
    assert report.ok
    notes = [event.diagnostic for event in world.progress if event.step is Step.NOTE]
    assert [note.code for note in notes if note] == ["A112"]


def test_an_object_is_read_again_when_its_proof_is_old(parts: Parts, live_server: Running) -> None:
    world, server, wire = parts
    world.flows = {"base": source("base"), "top": source("top", calls="base")}
    world.calls = {"top": "base"}
    world.apply(server)
    world.flows = {"base": source("base", "ours"), "top": source("top", "ours", calls="base")}
    other = live_server.connect()

    def interfere(request: httpx.Request) -> None:
        if request.method == "PUT" and request.url.path.endswith("/flows/dev/base"):
            other.update_flow(FlowKey(NS, "top"), source("top", "theirs", calls="base"))
            world.clock.forward(6)

    wire.before = interfere
    report = world.apply(server, single=True, parallelism=1)
    assert ends(report) == {"dev/base": "applied", "dev/top": "failed"}
    assert report.results[1].error is not None and report.results[1].error.code == "A104"
    flow = server.read_flow(FlowKey(NS, "top"))
    assert flow is not None and "theirs" in (flow.source or "")
