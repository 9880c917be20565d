"""Where groups can be made, on machines that are made up of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.engine.plugins.scripts import cgroups
from flowctl.engine.plugins.scripts.cgroups import CONTROLLERS, Groups, find

ME = 10
BOTH = " ".join(CONTROLLERS)


class Machine:
    """A root directory with one cgroup, and processes as pairs of id and parent."""

    def __init__(self, root: Path, path: str = "service", controllers: str = f"io {BOTH} pids") -> None:
        self.root, self.group = root, root / "sys/fs/cgroup" / path
        self.group.mkdir(parents=True)
        (root / "sys/fs/cgroup/cgroup.controllers").write_text(controllers)
        (self.group / "cgroup.controllers").write_text(controllers)
        (self.group / "cgroup.subtree_control").write_text("")
        (root / "proc/self").mkdir(parents=True)
        (root / "proc/self/cgroup").write_text(f"1:name=systemd:/x\n0::/{path}\n")
        self.processes((ME, 1))

    def processes(self, *pairs: tuple[int, int]) -> None:
        for pid, parent in pairs:
            (self.root / "proc" / str(pid)).mkdir(exist_ok=True)
            (self.root / "proc" / str(pid) / "stat").write_text(f"{pid} (odd ) name) S {parent} 1 1")
        (self.group / "cgroup.procs").write_text("".join(f"{pid}\n" for pid, _ in pairs))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One whose server has its cgroup for itself."""
    return Machine(tmp_path)


def test_a_server_that_is_alone_makes_room_for_groups(machine: Machine) -> None:
    machine.processes((ME, 1), (11, ME), (12, 11))
    found = find(machine.root, ME)
    assert found is not None and found.base == machine.group
    assert (machine.group / "cgroup.subtree_control").read_text() == "+cpu +memory"
    assert (machine.group / cgroups.SERVER / "cgroup.procs").read_text() == "12"  # the last that was moved


def test_other_processes_are_left_alone(machine: Machine) -> None:
    machine.processes((ME, 1), (20, 1))
    assert find(machine.root, ME) is None
    assert not (machine.group / cgroups.SERVER).exists()


def test_a_process_that_has_ended_meanwhile_is_in_nobodys_way(machine: Machine) -> None:
    (machine.group / "cgroup.procs").write_text(f"{ME}\n77\n")
    assert find(machine.root, ME) is not None


def test_the_first_process_of_a_container_is_its_own(machine: Machine) -> None:
    machine.processes((1, 0), (2, 1))
    assert find(machine.root, 1) is not None


def test_groups_that_have_controllers_already_need_no_room(machine: Machine) -> None:
    (machine.group / "cgroup.subtree_control").write_text(BOTH)
    machine.processes((ME, 1), (20, 1))
    assert find(machine.root, ME) is not None
    assert not (machine.group / cgroups.SERVER).exists()


def test_a_server_in_the_group_of_an_earlier_one_goes_on_beside_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path, f"service/{cgroups.SERVER}")
    above = machine.group.parent
    (above / "cgroup.subtree_control").write_text(BOTH)
    found = find(tmp_path, ME)
    assert found is not None and found.base == above


@pytest.mark.parametrize("missing", CONTROLLERS)
def test_without_a_controller_there_are_no_groups(tmp_path: Path, missing: str) -> None:
    assert find(Machine(tmp_path, controllers=BOTH.replace(missing, "")).root, ME) is None


@pytest.mark.parametrize("text", ["", "4:memory:/x\n", "0::/../elsewhere\n", "0::/service\n0::/other\n"])
def test_a_machine_that_says_something_else_has_no_groups(machine: Machine, text: str) -> None:
    (machine.root / "proc/self/cgroup").write_text(text)
    assert find(machine.root, ME) is None


def test_a_machine_with_version_1_has_no_groups(machine: Machine) -> None:
    (machine.root / "sys/fs/cgroup/cgroup.controllers").unlink()
    assert find(machine.root, ME) is None


def test_processes_are_moved_back_when_no_limits_can_be_given(machine: Machine) -> None:
    control = machine.group / "cgroup.subtree_control"
    control.unlink()
    control.mkdir()  # nothing can be written there, as long as other processes come
    assert cgroups._settle(machine.group) is False
    assert (machine.group / "cgroup.procs").read_text() == str(ME)


def test_a_group_has_the_limits(tmp_path: Path) -> None:
    groups = Groups(tmp_path)
    first, second = groups.make(1024, 0.5), groups.make(None, 2)
    assert {path.name: path.read_text() for path in first.iterdir()} == {
        "memory.max": "1024",
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "cpu.max": "50000 100000",
    }
    assert [path.read_text() for path in second.iterdir()] == ["200000 100000"]


def test_groups_of_servers_that_are_gone_are_removed(tmp_path: Path) -> None:
    gone, here = tmp_path / f"{cgroups.TASK}999999999-3", Groups(tmp_path).make(None, None)
    gone.mkdir()
    Groups(tmp_path).sweep()
    assert [path.name for path in tmp_path.iterdir()] == [here.name]
