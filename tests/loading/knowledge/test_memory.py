"""Memory saves time and changes nothing else, whatever happens to it."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from flowctl.loading.knowledge import learner, memory_file, stamp
from flowctl.loading.knowledge.learned import Learned
from flowctl.loading.knowledge.memory import Memory
from flowctl.loading.knowledge.memory_file import read_memory, write_memory
from flowctl.loading.workspace import Workspace
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey
from flowctl.model.project import FlowReference
from tests.loading.conftest import TASKS, Load, put

WHOLE = Learned(
    "a",
    7,
    "\nnamespace: b",
    (FlowReference("subflow", "n", "f", "tasks[x]", True), FlowReference("trigger", "n", "g", "triggers[t]")),
    (Diagnostic("F231", "warning", "s", "d", "h", None, 3, 4, "disabled"),),
)


@pytest.mark.parametrize("learned", [WHOLE, Learned("a"), Learned("a", 0, "x"), Learned("ü", problems=WHOLE.problems)])
def test_what_was_kept_is_recalled_after_it_was_saved(tmp_path: Path, learned: Learned) -> None:
    memory = Memory(tmp_path / "m.json")
    memory.keep("ns", "digest", learned)
    memory.save()
    again = Memory(tmp_path / "m.json")
    assert again.recall("ns", "digest") == learned
    assert again.recall("other", "digest") is None
    assert again.recall("ns", "other") is None


def test_memory_is_written_only_when_there_is_something_new(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    Memory(path).save()
    assert not path.exists()
    memory = Memory(path)
    memory.keep("ns", "digest", WHOLE)
    memory.save()
    path.chmod(0o444)
    before = path.stat().st_mtime_ns
    memory = Memory(path)
    memory.keep("ns", "digest", WHOLE)
    memory.save()
    assert path.stat().st_mtime_ns == before


def test_what_was_known_before_survives_within_bounds(tmp_path: Path) -> None:
    first = Memory(tmp_path / "m.json")
    for index in range(1500):
        first.keep("ns", str(index), Learned("a"))
    first.save()
    second = Memory(tmp_path / "m.json")
    second.keep("ns", "new", Learned("b"))
    second.save()
    kept = read_memory(tmp_path / "m.json")["ns"]
    assert isinstance(kept, dict)
    assert "new" in kept
    assert len(kept) == 1002


DAMAGE = {
    "empty": b"",
    "binary": bytes(range(256)),
    "half": None,
    "no JSON": b"{]",
    "another version": b"0000 0000\n{}",
    "JSON of another kind": b"[1, 2]",
    "endless nesting": b"[" * 100_000,
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_memory_costs_time_only(workspace: Workspace, load: Load, kind: str) -> None:
    put(workspace.root, {"flows/dev/_kv.yaml": "a: 1\n"})
    before = load()
    files = list((workspace.state_dir / "memory").glob("*.json"))
    assert len(files) == 3
    for file in files:
        damaged = DAMAGE[kind]
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if damaged is None else damaged)
    assert load() == before
    assert load() == before


def test_entries_that_were_changed_by_hand_are_not_believed(workspace: Workspace, load: Load) -> None:
    before = load()
    file = workspace.state_dir / "memory" / "dev.lenient.flows.json"
    file.write_bytes(file.read_bytes().replace(b'"hello"', b'"other"'))
    assert load() == before


def test_a_directory_in_place_of_the_memory_and_a_full_disk_change_nothing(
    workspace: Workspace, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(workspace.root, {".flowctl": b"a file where the directory would be"})
    first = load()

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    (workspace.root / ".flowctl").unlink()
    monkeypatch.setattr(Path, "write_bytes", full)
    assert load() == first
    assert list((workspace.state_dir / "memory").glob("*.json")) == []
    assert list((workspace.state_dir / "memory").glob("*.tmp")) == []


def test_memory_follows_the_content_not_the_name_or_the_time(workspace: Workspace, load: Load) -> None:
    load()
    path = workspace.root / "flows/dev/hello.yaml"
    status = path.stat()
    path.write_text("id: world\n" + TASKS)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert list(load().flows) == [FlowKey("dev", "world")]


def test_another_version_of_flowctl_learns_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_memory(tmp_path / "m.json", {"a": 1})
    assert read_memory(tmp_path / "m.json") == {"a": 1}
    monkeypatch.setattr(memory_file, "stamp", lambda: "another")
    assert read_memory(tmp_path / "m.json") == {}
    assert len(stamp.stamp()) == 32


@pytest.mark.parametrize("package", ["flowtext", "language", "loading", "schemas"])
def test_code_that_reads_flows_otherwise_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in ("flowtext", "language", "loading", "schemas", "views"):
        put(tmp_path, {f"{name}/inner/module.py": "1", f"{name}/__pycache__/module.pyc": "1"})
    monkeypatch.setattr(stamp, "__file__", str(tmp_path / "loading/knowledge/stamp.py"))
    taken = stamp.stamp.__wrapped__
    before = taken()
    put(tmp_path, {"views/inner/module.py": "22", f"{package}/__pycache__/module.pyc": "22"})
    assert taken() == before
    put(tmp_path, {f"{package}/inner/module.py": "22"})
    assert taken() != before


def test_memory_is_never_in_git(workspace: Workspace, load: Load) -> None:
    load()
    assert (workspace.state_dir / "memory" / ".gitignore").read_text() == "*\n"


def _write_often(path: str, word: str) -> None:
    for _ in range(200):
        write_memory(Path(path), {"word": word * 2000})


def test_two_processes_at_once_never_leave_half_a_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "m.json"
    writers = [context.Process(target=_write_often, args=(str(path), word)) for word in "ab"]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            head, _, body = path.read_bytes().partition(b"\n")
            assert head
            seen.add(json.loads(body)["word"][0])
    for writer in writers:
        writer.join(30)
        assert writer.exitcode == 0
    assert seen <= {"a", "b"}
    assert read_memory(path)["word"] in ("a" * 2000, "b" * 2000)
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".tmp"] == []


def texts(count: int) -> list[learner.Text]:
    return [(f"id: f{i}\nlabels: {{n: {'x' if i % 7 else 'no'}}}\n{TASKS}", f"dev.t{i % 3}") for i in range(count)]


def test_several_processes_learn_the_same_as_one() -> None:
    given = texts(700)
    assert learner.learn_all(given, "lenient", processes=3) == learner.learn_all(given, "lenient", processes=1)


def test_a_process_that_dies_is_replaced_by_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    given = texts(700)
    monkeypatch.setattr(learner, "_leave_interrupts_alone", os._exit)  # called without a status: fails in the process
    assert learner.learn_all(given, "lenient", processes=2) == learner.learn_all(given, "lenient", processes=1)


def test_few_texts_are_not_worth_a_process() -> None:
    assert learner._sensible(100) == 1
    assert learner._sensible(1_000_000) >= 1
    assert learner.learn_all([], "lenient") == []


def test_what_was_learned_under_one_dialect_is_not_believed_under_another(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {"flows/dev/each.yaml": "id: each\n" + TASKS + "listeners: []\n"})
    lenient = load().diagnostics
    put(workspace.root, {"environments/dev.yaml": "server: bundled\ndialect: '1.3'\n"})
    load()
    put(workspace.root, {"environments/dev.yaml": "server: bundled\n"})
    assert load().diagnostics == lenient
    memory = workspace.state_dir / "memory"
    assert {path.name for path in memory.glob("*.flows.json")} == {"dev.lenient.flows.json", "dev.1.3.flows.json"}
