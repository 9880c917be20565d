"""kill -9 before and after every write of an apply that drains a flow, or holds one back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from flowctl.model.keys import FlowKey
from flowctl.remote.client import HttpServer
from tests.applying.world import World, source
from tests.faults.nursery import Nursery, running_flows
from tests.faults.truth import check_convergence, check_ledger_claims, check_plan_tells_the_truth
from tests.remote.loopback import TOKEN, Running, running

MOST_WRITES = 30
BUSY = FlowKey("dev", "busy")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


class Scene:
    """A server with a flow that runs, after its first apply."""

    def __init__(self, found: Running, mode: str) -> None:
        self.running, plain = found, mode == "plain"
        environment = found.environment(plain=plain, parallelism=1)
        self.server: HttpServer = found.connect(environment, plain=plain)
        self.world = World(environment, flows=running_flows())
        assert self.world.apply(self.server).ok
        self.execution = str(self._ask("POST", "/executions/dev/busy", files={"x": b"x"}).json()["id"])

    def _ask(self, method: str, path: str, **more: object) -> httpx.Response:
        url, headers = f"{self.running.url}/api/v1/main{path}", {"Authorization": f"Bearer {TOKEN}"}
        return httpx.request(method, url, headers=headers, **more).raise_for_status()  # type: ignore[arg-type]

    def end_execution(self) -> None:
        """No execution runs any more."""
        self._ask("DELETE", f"/executions/{self.execution}")

    def off(self) -> bool:
        """Whether the flow is on the server and something of it is switched off."""
        flow, triggers = self.server.read_flow(BUSY), self.server.read_activity([BUSY]).triggers
        return flow is not None and (flow.disabled or any(trigger.disabled for trigger in triggers))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("ending", ["goes", "stays"])
@pytest.mark.parametrize("mode", ["own", "plain"])
def test_a_drain_that_is_killed_at_any_write_is_shown_and_healed(
    nursery: Nursery, tmp_path: Path, mode: str, ending: str, when: str
) -> None:
    shown = 0
    for number in range(1, MOST_WRITES):
        directory = tmp_path / str(number)
        with running(directory, works=True) as found:
            scene = Scene(found, mode)
            ledger = scene.server.read_ledger("dev")
            assert ledger is not None
            execution = scene.execution if ending == "goes" else ""
            ended = nursery.raise_one(found, directory, mode, number, when, "drain", execution)
            scene.end_execution()
            check_ledger_claims(scene.server, scene.world, ledger)
            if scene.off():
                shown += 1
                assert [note.code for note in scene.world.plan(scene.server).warnings] == ["P119"]
            heal(scene, number)
            scene.server.close()
        if not ended["killed"]:
            assert ended["writes"] == number - 1
            break
    else:
        pytest.fail(f"an apply with more than {MOST_WRITES} writes")
    assert shown >= 2


def heal(scene: Scene, number: int) -> None:
    """The flow stays after all, beside another change; or it goes."""
    scene.world.flows = {"lone": source("lone", "edited")}
    if number % 2:
        scene.world.flows |= {"busy": running_flows()["busy"]}
    check_plan_tells_the_truth(scene.server, scene.world)
    assert scene.world.plan(scene.server).drift == ()
    check_convergence(scene.server, scene.world)
    assert not scene.off()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("mode", ["own", "plain"])
def test_a_held_apply_that_is_killed_at_any_write_is_gone_on_with(
    nursery: Nursery, tmp_path: Path, mode: str, when: str
) -> None:
    for number in range(1, MOST_WRITES):
        directory = tmp_path / str(number)
        with running(directory, works=True) as found:
            scene = Scene(found, mode)
            ledger = scene.server.read_ledger("dev")
            assert ledger is not None
            ended = nursery.raise_one(found, directory, mode, number, when, "quiet", scene.execution)
            check_ledger_claims(scene.server, scene.world, ledger)
            scene.world.flows = running_flows("edited")
            check_plan_tells_the_truth(scene.server, scene.world)
            check_convergence(scene.server, scene.world)
            scene.server.close()
        if not ended["killed"]:
            break
    assert 4 < number < MOST_WRITES - 1
