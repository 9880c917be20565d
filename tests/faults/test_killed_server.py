"""kill -9 of the server before and after every commit of an apply."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.errors import FlowctlError
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Ledger
from flowctl.model.report import ApplyReport, Outcome
from flowctl.remote.client import HttpServer
from tests.applying.world import World
from tests.faults.nursery import after, before
from tests.faults.serving import doomed
from tests.faults.truth import check_convergence, check_ledger_claims, check_plan_tells_the_truth, edit_everything
from tests.remote.loopback import Running, running

MOST_COMMITS = 30


def place(found: Running, mode: str) -> tuple[HttpServer, World]:
    environment = found.environment(plain=mode == "plain", parallelism=1)
    return found.connect(environment, plain=mode == "plain"), World(environment)


def first_apply(directory: Path, mode: str) -> Ledger:
    """What stands on the server before the apply that is hit."""
    with running(directory) as found:
        server, world = place(found, mode)
        before(world)
        assert world.apply(server).ok
        ledger = server.read_ledger("dev")
        server.close()
    assert ledger is not None
    return ledger


def apply_to_the_doomed(directory: Path, mode: str, fault: str) -> tuple[ApplyReport | None, bool]:
    """The report, if there is one, and whether the server died."""
    report = None
    with doomed(directory, fault) as (found, process):
        server, world = place(found, mode)
        after(world)
        try:
            report = world.apply(server, single=mode == "single", parallelism=1)
        except FlowctlError as error:
            assert error.diagnostics[0].hint
        died = not answers(server)
        server.close()
        assert not died or process.wait(20) == -9
    return report, died


def answers(server: HttpServer) -> bool:
    """Whether the server is still there."""
    try:
        server.read_lock("dev")
    except FlowctlError:
        return False
    return True


def check_acknowledged(server: HttpServer, world: World, report: ApplyReport) -> None:
    """Nothing that was reported as applied is missing."""
    live, wanted = server.read_state(world.environment), world.project()
    for result in report.results:
        if result.outcome is Outcome.APPLIED and isinstance(result.key, FlowKey):
            have, want = live.flows.get(result.key), wanted.flows.get(result.key)
            assert (have.digest if have else None) == (want.digest if want else None)


@pytest.mark.parametrize(
    ("mode", "point"),
    [
        ("batch", "before-commit"),
        ("batch", "after-commit"),
        ("single", "before-commit"),
        ("plain", "after-commit"),
    ],
)
def test_killed_at_every_commit(tmp_path: Path, mode: str, point: str) -> None:
    for number in range(1, MOST_COMMITS):
        directory = tmp_path / str(number)
        ledger = first_apply(directory, mode)
        report, died = apply_to_the_doomed(directory, mode, f"{point}:{number}")
        with running(directory) as found:
            server, world = place(found, mode)
            after(world)
            if report is not None:
                check_acknowledged(server, world, report)
            if number % 2:
                edit_everything(world)
            check_ledger_claims(server, world, ledger)
            check_plan_tells_the_truth(server, world)
            world.clock.forward(600)  # Locks of a living process expire; this one could not give its own back.
            check_convergence(server, world)
            server.close()
        if not died:
            assert report is not None and report.ok
            break
    else:
        pytest.fail(f"an apply with more than {MOST_COMMITS} commits")
    assert number > (1 if mode == "batch" else 8)
