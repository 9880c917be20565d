"""The batch: two requests, all or nothing, and right whatever happens to its answer."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from flowctl.errors import ApplyError, ServerUnreachable
from flowctl.model.keys import FlowKey, KvKey
from flowctl.model.report import Outcome
from flowctl.remote.client import HttpServer
from tests.applying.faulty import Fault, Faulty, is_batch
from tests.applying.world import NS, World, source
from tests.remote.loopback import Running

Parts = tuple[World, HttpServer, Faulty, Running]
LOST = httpx.ReadError("connection reset")


@pytest.fixture
def parts(live_server: Running) -> Iterator[Parts]:
    environment = live_server.environment()
    wire = Faulty()
    server = live_server.connect(environment, transport=wire)
    world = World(environment, flows={f"f{number}": source(f"f{number}") for number in range(5)})
    yield world, server, wire, live_server
    server.close()


def test_a_batch_is_two_requests_after_the_plan(parts: Parts) -> None:
    world, server, wire, _ = parts
    plan = world.plan(server)
    before = len(wire.sent)
    assert world.apply(server, plan).ok
    assert wire.sent[before:] == ["GET /flowctl/state", "POST /flowctl/batch"]


@pytest.mark.parametrize("delivered", [True, False], ids=["carried out", "never seen"])
@pytest.mark.parametrize("answer", [LOST, httpx.Response(502), httpx.Response(504)], ids=["lost", "502", "504"])
def test_a_lost_answer_of_a_batch(parts: Parts, answer: httpx.Response | Exception, delivered: bool) -> None:
    """A gateway that gives up says nothing about what the server behind it did."""
    world, server, wire, _ = parts
    wire.faults = [Fault(is_batch, answer, delivered=delivered)]
    report = world.apply(server)
    assert report.ok
    assert report.serial == 1
    assert [result.revision_after for result in report.results] == [1] * 5
    assert world.plan(server).empty


def test_a_batch_whose_answers_stay_away_says_that_nobody_knows(parts: Parts) -> None:
    world, server, wire, _ = parts
    wire.faults = [Fault(is_batch, LOST, times=99)]
    with pytest.raises(ApplyError) as error:
        world.apply(server)
    assert error.value.diagnostics[0].code == "A117"
    wire.faults = []
    assert world.apply(server).ok


@pytest.mark.parametrize("answer", [LOST, httpx.Response(504)], ids=["lost", "504"])
def test_a_server_that_is_gone_after_a_lost_batch_leaves_nobody_the_wiser(
    parts: Parts, answer: httpx.Response | Exception
) -> None:
    world, server, wire, _ = parts
    plan = world.plan(server)

    def gone(request: httpx.Request) -> None:
        if len(wire.sent) > before + 1:
            raise httpx.ConnectError("Connection refused")

    before, wire.before = len(wire.sent), gone
    wire.faults = [Fault(is_batch, answer, delivered=True)]
    with pytest.raises(ApplyError) as error:
        world.apply(server, plan)
    assert error.value.diagnostics[0].code == "A117"
    assert "S112" in error.value.diagnostics[0].detail


@pytest.mark.parametrize("status", [500, 503])
def test_a_batch_that_a_server_carried_out_before_it_broke_counts_as_done(parts: Parts, status: int) -> None:
    world, server, wire, _ = parts
    wire.faults = [Fault(is_batch, httpx.Response(status), delivered=True)]
    report = world.apply(server)
    assert report.ok and report.serial == 1


def test_a_batch_that_arrives_late_is_no_conflict_with_itself(parts: Parts) -> None:
    """The gateway gives up, the state is read, then the server gets to the batch: the second one finds it there."""
    world, server, wire, _ = parts
    held: list[httpx.Request] = []

    def arrive(request: httpx.Request) -> None:
        if is_batch(request) and held:
            wire.before = lambda _: None
            assert httpx.HTTPTransport().handle_request(held[0]).status_code == 200
        elif is_batch(request):
            held.append(httpx.Request("POST", request.url, headers=request.headers, content=request.content))

    plan = world.plan(server)
    wire.before, wire.faults = arrive, [Fault(is_batch, httpx.Response(504))]
    report = world.apply(server, plan)
    assert report.ok and report.serial == 1


def test_a_batch_that_certainly_did_not_arrive_is_an_error_of_the_server(parts: Parts) -> None:
    world, server, wire, _ = parts
    wire.faults = [Fault(is_batch, httpx.ConnectError("Connection refused"), times=99)]
    with pytest.raises(ServerUnreachable) as error:
        world.apply(server)
    assert error.value.diagnostics[0].code == "S112"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(401), "S201"),
        (httpx.Response(413), "S205"),
        (httpx.Response(422, json={"message": "Invalid entity"}), "S206"),
        (httpx.Response(500), "S208"),
        (httpx.Response(503), "S208"),
        (httpx.Response(507), "S208"),
    ],
)
def test_a_refused_batch_leaves_everything_as_it_was(parts: Parts, answer: httpx.Response, code: str) -> None:
    world, server, wire, _ = parts
    wire.faults = [Fault(is_batch, answer)]
    report = world.apply(server)
    assert [problem.code for problem in report.problems] == [code]
    assert report.count(Outcome.NOT_ATTEMPTED) == 5
    assert report.serial == 0
    assert server.read_state(world.environment).flows == {}


def test_one_unsound_flow_refuses_the_whole_batch_and_is_named(parts: Parts) -> None:
    world, server, _, _ = parts
    world.flows["f3"] = "id: f3\nnamespace: dev\ntasks: []\n"
    report = world.apply(server)
    assert report.problems[0].code == "S206"
    assert "operations[3]" in report.problems[0].detail
    assert server.read_state(world.environment).flows == {}


def test_an_object_that_moves_between_reading_and_batch_refuses_everything(parts: Parts) -> None:
    world, server, wire, running = parts
    world.apply(server)
    world.flows = {id_: source(id_, "ours") for id_ in world.flows}
    other = running.connect()

    def interfere(request: httpx.Request) -> None:
        if is_batch(request):
            wire.before = lambda _: None
            other.update_flow(FlowKey(NS, "f2"), source("f2", "theirs"))

    plan = world.plan(server)
    wire.before = interfere
    with pytest.raises(ApplyError) as error:
        world.apply(server, plan)
    assert [one.subject for one in error.value.diagnostics] == ["flow dev/f2"]
    flow = server.read_flow(FlowKey(NS, "f1"))
    assert flow is not None and flow.revision == 1


def test_an_apply_of_others_in_between_is_seen_and_kept(parts: Parts) -> None:
    """Two people apply different objects: the second batch is built anew on the first one's ledger."""
    world, server, wire, running = parts
    environment = running.environment()
    others = World(environment, flows=dict(world.flows), clock=world.clock)
    world.apply(server)
    world.flows["f1"] = source("f1", "ours")
    others.flows["f2"] = source("f2", "theirs")
    plan = world.plan(server)

    def interfere(request: httpx.Request) -> None:
        if is_batch(request):
            wire.before = lambda _: None
            assert others.apply(running.connect(environment)).ok

    wire.before = interfere
    report = world.apply(server, plan)
    assert report.ok
    assert report.serial == 3
    ledger = server.read_ledger(NS)
    assert ledger is not None
    assert {key.id: entry.revision for key, entry in ledger.entries.items() if isinstance(key, FlowKey)} == {
        "f0": 1,
        "f1": 2,
        "f2": 2,
        "f3": 1,
        "f4": 1,
    }


def test_a_ledger_in_parts_goes_into_the_batch_too(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    from flowctl.remote.bookkeeping import journal, ledger

    world, server, _, _ = parts
    encode = ledger.encode
    monkeypatch.setattr(journal.codec, "encode", lambda found, in_use=(): encode(found, in_use, part_size=200))

    def parts_of_head() -> tuple[str, ...]:
        head = server.read_value(KvKey(NS, ledger.HEAD))
        return ledger.parts_of(head[1]) if head is not None else ()

    assert world.apply(server).ok
    before = parts_of_head()
    world.flows["f1"] = source("f1", "changed")
    assert world.apply(server).ok
    found = server.read_ledger(NS)
    assert found is not None and len(found.entries) == 5
    assert len(before) > 1 and len(parts_of_head()) > 1
    assert [name for name in before if server.read_value(KvKey(NS, name)) is not None] == []
    assert world.plan(server).empty
