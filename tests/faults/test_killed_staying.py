"""kill -9 before and after every write of an apply whose server switches a trigger on that somebody had disabled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from flowctl.applying.unlock import unlock
from flowctl.applying.waiting import left_open
from flowctl.model.keys import FlowKey
from flowctl.model.progress import Step
from flowctl.remote.client import HttpServer
from tests.applying.world import World, source
from tests.faults.nursery import Nursery, running_flows, switch_daily
from tests.faults.truth import check_convergence, check_ledger_claims, check_plan_tells_the_truth
from tests.remote.loopback import Running, running

MOST_WRITES = 20
BUSY = FlowKey("dev", "busy")
kinds = pytest.mark.parametrize("when", ["before", "after"])


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


@dataclass(frozen=True)
class Scene:
    """A server with a flow whose trigger somebody disabled, after an apply that was killed."""

    server: HttpServer
    world: World
    killed: bool

    def on(self) -> bool:
        (trigger,) = self.server.read_activity([BUSY]).triggers
        return not trigger.disabled

    def go_on(self) -> list[str]:
        """Apply as the command does; the codes of what it notes."""
        self.world.progress.clear()
        unfinished = left_open(self.server.read_lock("dev"), self.world.clock())
        assert self.world.apply(self.server, unfinished=unfinished).ok
        found = [event.diagnostic for event in self.world.progress if event.step is Step.NOTE]
        return [one.code for one in found if one is not None]


def scenes(nursery: Nursery, directory: Path, when: str) -> Iterator[Scene]:
    """One for each write, the last one of an apply that came to its end."""
    for number in range(1, MOST_WRITES):
        with running(directory / str(number)) as found:
            scene = _scene(nursery, found, directory / str(number), number, when)
            yield scene
            scene.server.close()
        if not scene.killed:
            return
    pytest.fail(f"an apply with more than {MOST_WRITES} writes")


def _scene(nursery: Nursery, found: Running, directory: Path, number: int, when: str) -> Scene:
    environment = found.environment(plain=True, parallelism=1)
    server = found.connect(environment, plain=True)
    world = World(environment, flows=running_flows())
    assert world.apply(server).ok
    switch_daily(found.url, off=True)
    ledger = server.read_ledger("dev")
    assert ledger is not None
    ended = nursery.raise_one(found, directory, "plain", number, when, "wake")
    check_ledger_claims(server, world, ledger)
    world.flows = running_flows("after", hour=9)
    world.clock.forward(600)
    return Scene(server, world, ended["killed"])


@kinds
def test_the_next_plan_says_so_and_the_next_apply_disables_it(nursery: Nursery, tmp_path: Path, when: str) -> None:
    seen = 0
    for scene in scenes(nursery, tmp_path, when):
        check_plan_tells_the_truth(scene.server, scene.world)
        on = scene.on()
        if on:
            seen += 1
            (note,) = scene.world.plan(scene.server).warnings
            assert (note.code, "may be on: daily of dev/busy" in note.detail) == ("P119", True)
        noted = scene.go_on()
        assert noted == (["A130"] if on else [])
        assert not scene.on()
        assert scene.world.plan(scene.server).warnings == ()
        check_convergence(scene.server, scene.world)
    assert seen >= 1
    assert not scene.killed


@kinds
def test_whatever_is_applied_next(nursery: Nursery, tmp_path: Path, when: str) -> None:
    again = {"busy": running_flows("again", hour=10)["busy"]}
    edits: tuple[dict[str, str], ...] = again, {"busy": source("busy")}, {}
    for number, scene in enumerate(scenes(nursery, tmp_path, when)):
        edit = edits[number % len(edits)]
        scene.world.flows = {"lone": source("lone", "edited"), **edit}
        scene.go_on()
        assert edit is not again or not scene.on()
        assert scene.world.plan(scene.server).warnings == ()
        lock = scene.server.read_lock("dev")
        assert lock is not None and not lock.unfinished and lock.stay_off == ()


@kinds
def test_unlock_disables_it(nursery: Nursery, tmp_path: Path, when: str) -> None:
    for scene in scenes(nursery, tmp_path, when):
        lock, on = scene.server.read_lock("dev"), scene.on()
        assert lock is not None
        if lock.released:
            assert not on
            continue
        done = unlock(scene.server, scene.world.environment, lock.id, scene.world.clock)
        assert done.disabled == (((BUSY, "daily"),) if on else ())
        assert not scene.on()
        found = scene.server.read_lock("dev")
        assert found is not None and replace(found, intents=()).stay_off == ()
