"""A move between two real servers: killed at each write it can be repeated, and no trigger ever fires on both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from flowctl.applying.moving import HandOver
from flowctl.applying.options import ApplyOptions
from flowctl.applying.unlock import unlock
from flowctl.errors import ApplyError, ServerUnreachable
from flowctl.model.environment import Dialect
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.ledger import Lock
from flowctl.model.live import LiveTrigger
from flowctl.model.moving import Move, MoveReport, mark_of
from flowctl.model.report import ApplyReport
from flowctl.planning.moving import Side, build_move, carried_ledger
from flowctl.remote.client import HttpServer
from tests.applying.faulty import Fault, Faulty, is_batch, writes_flow
from tests.applying.world import NS, World, source
from tests.remote.loopback import Hidden, Running, running

DAILY = 'triggers:\n  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 8 * * *"}\n'
FLOWS = {"a": source("a") + DAILY, "b": source("b") + DAILY, "c": source("c")}
REFUSED = httpx.Response(422, json={"message": "Invalid entity: no"})


class Killed(BaseException):
    """The process is gone."""


class Place:
    """One server, and its environment with the common files."""

    def __init__(self, found: Running, name: str, plain: bool) -> None:
        environment = replace(found.environment(plain=plain, parallelism=1), name=name)
        self.wire = Faulty(Hidden() if plain else httpx.HTTPTransport())
        self.server: HttpServer = found.connect(environment, plain=plain, transport=self.wire)
        self.world = World(environment, flows=dict(FLOWS), kv={"region": "eu"})

    def side(self, after: Side | None = None) -> Side:
        """As `flowctl move` sees it."""
        live = self.server.read_state(self.world.environment)
        ledger = carried_ledger(after.live, live) if after is not None else None
        seen = self.server if ledger is None else _Given(self.server, ledger)
        return Side(self.world.environment, self.world.project(), live, self.world.plan(seen))  # type: ignore[arg-type]

    def fires(self) -> set[str]:
        """The flows whose trigger starts something here."""
        flows = [FlowKey(NS, id_) for id_ in FLOWS]
        return {one.flow.id for one in self.server.read_activity(flows).triggers if not one.disabled}


class _Given:
    """A server as if it had a ledger, and no mark of a move."""

    def __init__(self, server: HttpServer, ledger: object) -> None:
        self._server, self._ledger = server, ledger

    def read_state(self, environment: object) -> object:
        live = self._server.read_state(environment)  # type: ignore[arg-type]
        return replace(live, ledger=self._ledger, lock=live.lock if mark_of(live.lock) is None else None)

    def __getattr__(self, name: str) -> object:
        return getattr(self._server, name)


class Pair:
    """The server that an environment leaves, and the one that it goes to."""

    def __init__(self, old: Place, new: Place) -> None:
        self.old, self.new = old, new
        self.inside: Callable[[], None] = lambda: None

    def plan(self) -> Move:
        """The move as it would be done now."""
        old = self.old.side()
        new = self.new.side(old)
        activity = self.old.server.read_activity(sorted(old.project.flows))
        return build_move(old, new, activity, self.old.server.read_history(NS))

    def move(self, move: Move | None = None) -> MoveReport:
        """Do it."""
        found = move or self.plan()
        assert found.refusals == ()
        world = self.new.world
        options = ApplyOptions(world.environment, owner="ann", host="desk")

        def apply() -> ApplyReport | None:
            self.inside()
            return None if found.plan.empty else world.apply(self.new.server, found.plan)

        return HandOver(
            found, self.old.server, self.new.server, options, self.old.world.clock, world.clock.forward
        ).run(apply)

    def assert_moved(self) -> None:
        """Everything is there, and fires there alone."""
        assert (self.old.fires(), self.new.fires()) == (set(), {"a", "b"})
        live = self.new.server.read_state(self.new.world.environment)
        assert {key.id for key in live.flows} == set(FLOWS)
        assert self.new.server.read_value(KvKey(NS, "only-there")) == ("STRING", "x")
        assert self.new.server.read_file(FileKey(NS, "/data.csv")) == b"1;2\n"
        ledger = self.old.server.read_ledger(NS)
        assert live.ledger is not None and ledger is not None
        assert live.ledger.lineage == ledger.lineage and live.ledger.serial > ledger.serial
        assert len(live.ledger.entries) == len(FLOWS) + 1
        assert self.new.world.plan(self.new.server).empty


@pytest.fixture(
    params=[("2.0", False), ("2.0", True), ("1.3", True)], ids=["bundled to bundled", "to Kestra 2.0", "to Kestra 1.3"]
)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    dialect: Dialect
    dialect, plain = request.param
    with ExitStack() as stack:
        old = stack.enter_context(running(tmp_path / "old", works=True))
        new = stack.enter_context(running(tmp_path / "new", dialect, works=True))
        found = Pair(Place(old, "old", False), Place(new, "new", plain))
        found.old.world.apply(found.old.server)
        found.old.server.put_value(KvKey(NS, "only-there"), "STRING", "x")
        found.old.server.put_file(FileKey(NS, "/data.csv"), b"1;2\n")
        yield found


def test_everything_goes_along(pair: Pair) -> None:
    pair.inside = lambda: check_off(pair)
    report = pair.move()
    assert report.ok and (report.values, report.files, len(report.off)) == (1, 1, 2)
    pair.assert_moved()
    assert [one.serial for one in pair.new.server.read_history(NS)] == [2, 1]
    assert pair.plan().done


def check_off(pair: Pair) -> None:
    """What is asserted before the first flow is written."""
    assert pair.old.fires() == set()


def until_done(pair: Pair, target: str) -> int:
    """Move, killed one write later at each attempt, until one comes to its end. Returns how many were killed."""
    killed = 0
    for number in range(1, 80):
        for place in (pair.old, pair.new):
            place.wire.before = Counter(number)
        try:
            pair.move()
        except Killed:
            killed += 1
        finally:
            for thread in [one for one in threading.enumerate() if one.name.startswith("apply")]:
                thread.join()  # in a process that was killed it would have gone with it
            for place in (pair.old, pair.new):
                place.wire.before = lambda _: None
        assert not pair.old.fires() & pair.new.fires()
        pair.new.world.clock.forward(3600)
        if mark_of(pair.old.server.read_lock(NS)) == target and pair.plan().done:
            return killed
    pytest.fail("no attempt came to its end")


def test_killed_at_any_write_it_is_repeated(pair: Pair) -> None:
    assert until_done(pair, "new") > 3
    pair.assert_moved()


def test_killed_at_any_write_what_is_off_stays_off_and_what_fires_fires_again_on_the_way_back(pair: Pair) -> None:
    pair.old.server.switch_trigger(FlowKey(NS, "b"), "daily", off=True)
    assert until_done(pair, "new") > 3
    assert (pair.old.fires(), pair.new.fires()) == (set(), {"a"})
    back = Pair(pair.new, pair.old)
    back.new.world.clock = pair.new.world.clock
    back.new.world.clock.forward(3600)
    assert until_done(back, "old") >= 1
    assert (pair.old.fires(), pair.new.fires()) == ({"a"}, set())


class Counter:
    """Kills before the n-th write of the attempt; nothing is sent after it."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, request: httpx.Request) -> None:
        self._left -= request.method != "GET"
        if self._left <= 0:
            raise Killed


def test_a_flow_that_does_not_arrive_fires_where_it_was(pair: Pair) -> None:
    move = pair.plan()
    pair.new.wire.faults.append(Fault(lambda one: is_batch(one) or writes_flow("b")(one), REFUSED, times=9))
    try:
        report = pair.move(move)
    except ApplyError:
        assert pair.old.fires() == {"a", "b"}  # a batch is all or nothing
    else:
        there = {flow.id for flow, _ in report.reopened}
        assert not report.ok and "b" in there and pair.old.fires() == there
    assert not pair.old.fires() & pair.new.fires()
    pair.new.wire.faults.clear()
    assert pair.move().ok
    pair.assert_moved()


def test_a_server_that_is_away_leaves_the_old_one_as_it_was(pair: Pair) -> None:
    move = pair.plan()
    gone = httpx.ConnectError("connection refused")
    pair.new.wire.faults.append(Fault(lambda one: one.method != "GET", gone, times=99))
    with pytest.raises(ServerUnreachable):
        pair.move(move)
    assert pair.old.fires() == {"a", "b"}
    lock = pair.old.server.read_lock(NS)
    assert lock is not None and lock.released
    pair.new.wire.faults.clear()
    assert pair.move().ok


def test_an_apply_on_the_old_server_is_not_disturbed(pair: Pair) -> None:
    move = pair.plan()
    now = pair.old.world.clock()
    pair.old.server.write_lock(NS, Lock("x", "bea", "desk", now, now + timedelta(minutes=2), "plan-9"))
    with pytest.raises(ApplyError) as error:
        pair.move(move)
    assert error.value.diagnostics[0].code == "A103"
    assert pair.old.fires() == {"a", "b"}


def test_a_date_that_comes_on_the_way_is_told(pair: Pair) -> None:
    move = pair.plan()
    due = pair.old.world.clock() + timedelta(seconds=20)
    late = LiveTrigger(FlowKey(NS, "a"), "daily", disabled=False, next_date=due)
    pair.inside = lambda: pair.old.world.clock.forward(30)
    report = pair.move(replace(move, fire=(late, *(one for one in move.fire if one.flow.id == "b"))))
    assert [(one.flow.id, one.date) for one in report.missed] == [("a", due)]


def test_a_move_begins_when_nothing_is_about_to_fire(pair: Pair) -> None:
    move = pair.plan()
    clock = pair.old.world.clock
    pair.new.world.clock = clock
    soon = LiveTrigger(FlowKey(NS, "a"), "daily", disabled=False, next_date=clock() + timedelta(seconds=3))
    begun = clock()
    seen = []
    pair.inside = lambda: seen.append(clock() - begun)
    pair.move(replace(move, fire=(soon, *(one for one in move.fire if one.flow.id == "b"))))
    assert seen == [timedelta(seconds=4)]


def test_values_keep_their_description(pair: Pair) -> None:
    where = {KvKey(NS, "only-there"): "the größe, in m", KvKey(NS, "short"): "soon gone"}
    for key, said in where.items():
        pair.old.server.put_value(key, "STRING", "x", description=said)
    pair.move()
    assert pair.new.server.read_descriptions([NS]) == where


def test_values_with_a_time_to_live_keep_what_is_left_of_it(pair: Pair) -> None:
    pair.old.server.put_value(KvKey(NS, "short"), "STRING", "y", ttl="PT1H")
    assert pair.move().values == 2
    left = pair.new.server.read_state(pair.new.world.environment).kv[KvKey(NS, "short")].expires
    assert left is not None


def test_who_gives_up_a_move_unlocks_and_the_old_server_fires_again(pair: Pair) -> None:
    move = pair.plan()

    def kill() -> None:
        raise Killed

    pair.inside = kill
    with pytest.raises(Killed):
        pair.move(move)
    assert pair.old.fires() == set()
    old = pair.old.world
    (note,) = [one for one in old.plan(pair.old.server).warnings if one.code == "P119"]
    assert note.summary == "this environment was moved to new, by ann@desk on 2026-03-01 12:00:00 UTC"
    old.flows["a"] += "# later\n"
    with pytest.raises(ApplyError, match="environment old was moved to new by ann@desk"):
        old.apply(pair.old.server)
    lock = pair.old.server.read_lock(NS)
    assert lock is not None
    unlock(pair.old.server, old.environment, lock.id, old.clock)
    assert pair.old.fires() == {"a", "b"}
    assert old.apply(pair.old.server).ok
