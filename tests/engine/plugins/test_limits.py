"""How much of the machine a task takes."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.scripts import cgroups, process
from flowctl.engine.plugins.scripts.limits import Confinement, Limits, chosen, confine, limits_of
from tests.engine.plugins.test_dependencies import Plain
from tests.engine.running import Engine, flow

DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"
SHOW = "import os; print(len(os.sched_getaffinity(0)))"


def script(limits: str, text: str = SHOW) -> str:
    runner = f"    taskRunner: {{type: {DOCKER}, {limits}}}\n"
    return flow(f"  - id: t\n    type: io.kestra.plugin.scripts.python.Script\n{runner}    script: '{text}'\n")


@pytest.fixture
def without_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the server makes no control groups."""
    monkeypatch.setattr(cgroups, "available", lambda: None)


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in the place of the control group below which groups are made."""
    directory = tmp_path / "groups"
    directory.mkdir()
    made = cgroups.Groups(directory)
    monkeypatch.setattr(cgroups, "available", lambda: made)
    return directory


@pytest.mark.usefixtures("without_groups")
@pytest.mark.parametrize("cpus", ["1", "0.5", "'{{ 1 }}'"])
def test_a_script_runs_on_so_many_processors(running: Engine, cpus: str) -> None:
    ended = running.run(script(f"cpu: {{cpus: {cpus}}}"))
    assert running.messages(ended.id) == ["INFO t: 1"]


@pytest.mark.usefixtures("without_groups")
def test_more_processors_than_there_are_is_no_limit(running: Engine) -> None:
    ended = running.run(script("cpu: {cpus: 4096}"))
    assert running.messages(ended.id) == [f"INFO t: {len(os.sched_getaffinity(0))}"]


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "own"])
def test_a_script_joins_its_group(running: Engine, groups: Path, warm: bool) -> None:
    ended = running.run(script("cpu: {cpus: 0.25}, memory: {memory: 64MB}", "print(1)" if warm else "import inspect"))
    assert ended.state == "SUCCESS"
    (group,) = groups.iterdir()
    assert {path.name: path.read_text() for path in group.iterdir()} == {
        "cgroup.procs": "0",
        "cpu.max": "25000 100000",
        "memory.max": str(64 * 1024**2),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
    }


def test_without_limits_there_is_no_group(running: Engine, groups: Path) -> None:
    assert running.run(script("pullPolicy: NEVER")).state == "SUCCESS"
    assert list(groups.iterdir()) == []


@pytest.mark.parametrize("cpus", ["two", "-1", "nan", "inf", "m"])
def test_a_number_of_processors_that_is_none_fails_the_task(running: Engine, cpus: str) -> None:
    ended = running.run(script(f"cpu: {{cpus: '{cpus}'}}"))
    assert ended.state == "FAILED"
    assert f"`taskRunner.cpu.cpus` is '{cpus}'" in running.messages(ended.id)[0]


def test_when_no_group_can_be_made_the_other_way_is_taken(groups: Path) -> None:
    groups.rmdir()
    assert confine(Limits(memory=5)) == Confinement(None, ((resource.RLIMIT_AS, 5),))


def test_a_group_is_gone_with_its_process(groups: Path) -> None:
    confinement = confine(Limits(cpus=1))
    assert confinement.group is not None
    (confinement.group / "cpu.max").unlink()  # the kernel's files go with the directory
    confinement.release()
    assert list(groups.iterdir()) == []


def test_a_process_that_cannot_join_its_group_is_not_started(
    groups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = groups / f"{cgroups.TASK}{os.getpid()}-0"

    class Broken(cgroups.Groups):
        """Makes groups that nobody can join."""

        def make(self, memory: int | None, cpus: float | None) -> Path:
            (group / "cgroup.procs").mkdir(parents=True)
            return group

    monkeypatch.setattr(cgroups, "available", lambda: Broken(groups))
    with pytest.raises(OSError, match="Is a directory"):
        process.start(["/bin/true"], tmp_path, {}, lambda *_: None, Limits(cpus=1))


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, Limits()),
        ({"taskRunner": {"cpu": {"cpus": 2}, "memory": {"memory": "1KB"}}}, Limits(1024, 2.0)),
        ({"docker": {"image": "x", "cpu": {"cpus": "0.5"}, "memory": {"memory": "2KB"}}}, Limits(2048, 0.5)),
        ({"taskRunner": {"resources": {"limit": {"cpu": "500m", "memory": "1Ki"}}}}, Limits(1024, 0.5)),
        ({"taskRunner": {"resources": {"request": {"cpu": "500m"}}}}, Limits()),
        ({"taskRunner": {"cpu": {"cpus": 0}, "memory": {"memory": "0"}}}, Limits()),
    ],
    ids=["none", "docker", "old docker", "kubernetes", "a request", "zero"],
)
def test_limits_are_where_the_runners_have_them(properties: dict[str, object], expected: Limits) -> None:
    assert limits_of(Properties(properties, Plain())) == expected


def test_a_size_that_is_none_is_said() -> None:
    with pytest.raises(BadProperty, match="Invalid size"):
        limits_of(Properties({"taskRunner": {"memory": {"memory": "much"}}}, Plain()))


@pytest.mark.parametrize(
    ("cpus", "turn", "expected"),
    [(1, 0, (2,)), (1, 1, (4,)), (1, 4, (2,)), (1.5, 1, (6, 8)), (3, 1, (8, 2, 4)), (4, 0, ()), (3.2, 7, ())],
)
def test_processors_are_taken_in_turn(cpus: float, turn: int, expected: tuple[int, ...]) -> None:
    assert chosen([2, 4, 6, 8], cpus, turn) == expected
