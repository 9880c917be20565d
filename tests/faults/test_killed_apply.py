"""kill -9 of the command line before and after every write of an apply."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.remote.client import HttpServer
from tests.applying.world import World
from tests.faults.nursery import Nursery, after, before
from tests.faults.truth import check_convergence, check_ledger_claims, check_plan_tells_the_truth, edit_everything
from tests.remote.loopback import Running, running

MOST_WRITES = 30


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


def first_apply(server: HttpServer, world: World) -> None:
    before(world)
    assert world.apply(server).ok


def client(found: Running, mode: str) -> tuple[HttpServer, World]:
    environment = found.environment(plain=mode == "plain", parallelism=1)
    return found.connect(environment, plain=mode == "plain"), World(environment)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("mode", ["batch", "single", "plain"])
def test_killed_at_every_write(nursery: Nursery, tmp_path: Path, mode: str, when: str) -> None:
    for number in range(1, MOST_WRITES):
        directory = tmp_path / str(number)
        with running(directory) as found:
            server, world = client(found, mode)
            first_apply(server, world)
            ledger = server.read_ledger("dev")
            assert ledger is not None
            ended = nursery.raise_one(found, directory, mode, number, when)
            after(world)
            if number % 2:
                edit_everything(world)
            check_ledger_claims(server, world, ledger)
            check_plan_tells_the_truth(server, world)
            check_convergence(server, world)
            server.close()
        if not ended["killed"]:
            assert ended["writes"] == number - 1
            break
    else:
        pytest.fail(f"an apply with more than {MOST_WRITES} writes")
    assert number > (1 if mode == "batch" else 8)


@pytest.mark.parametrize("mode", ["single", "plain"])
def test_killed_during_the_very_first_apply(nursery: Nursery, tmp_path: Path, mode: str) -> None:
    """Without a ledger from before: what the killed apply wrote must be ours although no ledger knows it."""
    for number in range(1, MOST_WRITES):
        directory = tmp_path / str(number)
        with running(directory) as found:
            server, world = client(found, mode)
            ended = nursery.raise_one(found, directory, mode, number, "after")
            after(world)
            edit_everything(world)
            check_plan_tells_the_truth(server, world)
            check_convergence(server, world)
            server.close()
        if not ended["killed"]:
            break
    assert number > 8


def test_two_kills_in_a_row(nursery: Nursery, tmp_path: Path) -> None:
    """What the first killed apply intended is not forgotten when the second is killed too."""
    with running(tmp_path) as found:
        server, world = client(found, "plain")
        first_apply(server, world)
        ledger = server.read_ledger("dev")
        assert ledger is not None
        killed = []
        for number in (5, 1, 2, 3, 4, 5, 4, 4):
            killed.append(nursery.raise_one(found, tmp_path, "plain", number, "after")["killed"])
            after(world)
            check_ledger_claims(server, world, ledger)
            check_plan_tells_the_truth(server, world)
        assert killed[:5] == [True] * 5
        edit_everything(world)
        check_plan_tells_the_truth(server, world)
        check_convergence(server, world)
        server.close()
