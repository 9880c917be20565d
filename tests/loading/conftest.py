"""Workspaces made of a few texts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.project import load_project
from flowctl.loading.workspace import Workspace, find_workspace
from flowctl.model.project import Project

TASKS = "tasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: hi}\n"
Load = Callable[..., Project]


def put(root: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write files, directories included."""
    for name, text in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def git(root: Path, *arguments: str) -> str:
    """Run Git with an identity of its own."""
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An environment `dev` on the bundled server with one flow, `dev/hello`."""
    put(tmp_path, {"environments/dev.yaml": "server: bundled\n", "flows/dev/hello.yaml": "id: hello\n" + TASKS})
    return find_workspace(tmp_path)


@pytest.fixture
def load(workspace: Workspace) -> Load:
    """Load an environment of the workspace."""

    def _load(name: str = "dev", **environ: str) -> Project:
        return load_project(workspace, load_environment(workspace, name), environ)

    return _load
