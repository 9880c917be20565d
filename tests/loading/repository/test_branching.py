"""A commit on a new branch leaves work tree, index and HEAD alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flowctl.errors import ProjectError
from flowctl.loading.repository.branching import commit_on_branch


def git(root: Path, *arguments: str) -> str:
    return subprocess.check_output(["git", "-C", str(root), *arguments], text=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.name", "Ada")
    git(tmp_path, "config", "user.email", "ada@example.com")
    (tmp_path / "work").mkdir()
    for name in ("kept", "changed", "gone"):
        (tmp_path / "work" / name).write_text(name)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_the_branch_has_the_edits_and_nothing_else_moves(repository: Path) -> None:
    (repository / "work/kept").write_text("edited, not staged")
    head, status = git(repository, "rev-parse", "HEAD"), git(repository, "status", "--porcelain")
    files = {"changed": b"new\n", "gone": None, "below/added": b"\x00\xff"}
    commit = commit_on_branch(repository / "work", "pull/x", files, "Take edits")
    assert git(repository, "rev-parse", "HEAD") == head
    assert git(repository, "status", "--porcelain") == status
    assert git(repository, "diff", "--name-status", "HEAD", "pull/x").split() == [
        *("A", "work/below/added"),
        *("M", "work/changed"),
        *("D", "work/gone"),
    ]
    assert git(repository, "log", "-1", "--format=%H %an %s", "pull/x").strip() == f"{commit} Ada Take edits"


@pytest.mark.parametrize("name", ["taken", "no..name", "a b", "-x.lock"])
def test_a_branch_that_is_there_or_cannot_be_is_refused(repository: Path, name: str) -> None:
    git(repository, "branch", "taken")
    with pytest.raises(ProjectError) as caught:
        commit_on_branch(repository, name, {}, "x")
    assert caught.value.diagnostics[0].code == "F510"
