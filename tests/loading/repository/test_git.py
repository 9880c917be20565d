"""What Git says, with real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.errors import ProjectError
from flowctl.flowtext.digests import text_digest
from flowctl.loading.repository.git import changed_since, commits_of, flow_ids_at, resolve, start_stamp, text_at
from flowctl.loading.workspace import Workspace
from flowctl.model.keys import FlowKey
from tests.loading.conftest import TASKS, Load, git, put


@pytest.fixture
def repository(workspace: Workspace) -> Path:
    """The workspace as a repository with one commit on `main`."""
    root = workspace.root
    git(root, "init", "-q", "-b", "main")
    put(root, {".gitignore": ".flowctl/\n"})
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


def test_the_stamp_says_where_the_files_come_from(repository: Path, load: Load) -> None:
    git(repository, "remote", "add", "origin", "https://joe:s3cret@git.example.com/team/flows.git")
    stamp = load().git
    assert stamp is not None
    assert (stamp.commit, stamp.branch, stamp.dirty) == (git(repository, "rev-parse", "HEAD"), "main", False)
    assert stamp.author == "Ann <ann@example.com>"
    assert stamp.remote == "https://git.example.com/team/flows.git"


@pytest.mark.parametrize("change", ["edit", "new", "stage", "delete"])
def test_a_change_of_the_environments_files_makes_the_stamp_dirty(repository: Path, load: Load, change: str) -> None:
    if change == "delete":
        (repository / "flows/dev/hello.yaml").unlink()
    else:
        put(repository, {f"flows/dev/{'x' if change == 'new' else 'hello'}.yaml": f"id: {change}\n{TASKS}"})
    if change == "stage":
        git(repository, "add", "-A")
    stamp = load().git
    assert stamp is not None
    assert stamp.dirty


def test_what_is_not_of_the_environment_does_not_make_it_dirty(repository: Path, load: Load) -> None:
    put(repository, {"README.md": "new", "flows/prod/x.yaml": "id: [\n"})
    stamp = load().git
    assert stamp is not None
    assert not stamp.dirty


def test_a_detached_head_has_no_branch(repository: Path, load: Load) -> None:
    git(repository, "checkout", "-q", "--detach")
    stamp = load().git
    assert stamp is not None
    assert stamp.branch is None


def test_without_a_repository_or_a_commit_there_is_no_stamp(workspace: Workspace, load: Load) -> None:
    assert load().git is None
    git(workspace.root, "init", "-q")
    assert load().git is None


def test_without_git_there_is_no_stamp(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert start_stamp(repository, [repository]).read() is None
    with pytest.raises(ProjectError) as caught:
        changed_since(repository, "main")
    assert caught.value.diagnostics[0].code == "F504"


def test_changed_files_are_those_that_differ_and_those_that_are_new(repository: Path) -> None:
    put(repository, {"flows/dev/b ü.yaml": "id: b\n" + TASKS, "flows/dev/c.yaml": "id: c\n" + TASKS})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "second")
    put(repository, {"flows/dev/new.yaml": "id: n\n", "flows/dev/hello.yaml": "id: hello\n"})
    (repository / "flows/dev/c.yaml").unlink()
    expected = {"flows/dev/new.yaml", "flows/dev/hello.yaml"}
    assert changed_since(repository, "HEAD") == expected | {"flows/dev/c.yaml"}
    assert changed_since(repository, "HEAD~1") == expected | {"flows/dev/b ü.yaml"}
    assert changed_since(repository / "flows", "HEAD~1") == {
        path.removeprefix("flows/") for path in expected | {"flows/dev/b ü.yaml"}
    }


def test_the_ids_that_changed_files_had_before(repository: Path) -> None:
    put(repository, {"flows/dev/[a] b.yaml": "# why\nid: 'quoted'  # c\n" + TASKS, "flows/dev/d.yaml": "id: d.e-f\r\n"})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "second")
    paths = ["flows/dev/[a] b.yaml", "flows/dev/d.yaml", "flows/dev/never.yaml", "flows/dev/_files/x.csv"]
    assert flow_ids_at(repository, "HEAD", paths) == {"quoted", "d.e-f"}
    assert flow_ids_at(repository, "HEAD~1", paths) == frozenset()
    assert flow_ids_at(repository, "HEAD", []) == frozenset()


@pytest.mark.parametrize("reference", ["nowhere", "--help", "", "HEAD~99", "main:flows"])
def test_an_unknown_reference_is_said_so(repository: Path, reference: str) -> None:
    with pytest.raises(ProjectError) as caught:
        changed_since(repository, reference)
    assert caught.value.diagnostics[0].code == "F503"


def test_no_repository_is_said_so(workspace: Workspace) -> None:
    with pytest.raises(ProjectError) as caught:
        changed_since(workspace.root, "main")
    assert caught.value.diagnostics[0].code == "F501"


def test_a_shallow_clone_is_said_so(repository: Path, tmp_path: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    put(repository, {"flows/dev/b.yaml": "id: b\n" + TASKS})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "second")
    clone = tmp_path / "clone"
    git(repository, "clone", "-q", "--depth", "1", f"file://{repository}", str(clone))
    with pytest.raises(ProjectError) as caught:
        resolve(clone, first)
    assert caught.value.diagnostics[0].code == "F502"
    assert "fetch" in caught.value.diagnostics[0].hint


def test_the_text_of_a_file_at_a_commit(repository: Path) -> None:
    first = resolve(repository, "main")
    put(repository, {"flows/dev/hello.yaml": "changed"})
    git(repository, "commit", "-qam", "second")
    assert text_at(repository, first, "flows/dev/hello.yaml") == ("id: hello\n" + TASKS).encode()
    assert text_at(repository, "main", "flows/dev/hello.yaml") == b"changed"
    assert text_at(repository, first, "flows/dev/none.yaml") is None
    assert commits_of(repository, "flows/dev/hello.yaml") == [resolve(repository, "main"), first]


def test_a_pinned_flow_keeps_its_earlier_text(repository: Path, load: Load) -> None:
    old = f"id: hello\nnamespace: dev\n{TASKS}"
    put(repository, {"flows/dev/hello.yaml": "id: hello\ndescription: newer\n" + TASKS})
    git(repository, "commit", "-qam", "second")
    put(repository, {"environments/dev.yaml": f"server: bundled\npins:\n  dev/hello: '{text_digest(old)[:12]}'\n"})
    flow = load().flows[FlowKey("dev", "hello")]
    assert (flow.source, flow.digest) == (old, text_digest(old))


def test_a_pin_of_the_present_text_needs_no_history(workspace: Workspace, load: Load) -> None:
    now = f"id: hello\nnamespace: dev\n{TASKS}"
    pins = f"pins:\n  dev/hello: '{text_digest(now)}'\n"
    put(workspace.root, {"environments/dev.yaml": f"server: bundled\n{pins}"})
    assert load().flows[FlowKey("dev", "hello")].source == now


@pytest.mark.parametrize(("name", "code"), [("dev/hello", "F507"), ("dev/gone", "F508")])
def test_a_pin_without_a_text_is_refused(repository: Path, load: Load, name: str, code: str) -> None:
    put(repository, {"environments/dev.yaml": f"server: bundled\npins:\n  {name}: '{'0' * 12}'\n"})
    with pytest.raises(ProjectError) as caught:
        load()
    assert [(p.code, p.path, p.line) for p in caught.value.diagnostics] == [(code, "environments/dev.yaml", 3)]
