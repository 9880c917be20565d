"""Which directory is the workspace, and what it says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.errors import ProjectError
from flowctl.loading.configuration.settings import Settings
from flowctl.loading.workspace import Workspace, find_workspace
from tests.loading.conftest import put


def test_the_nearest_directory_upwards_with_environments_wins(tmp_path: Path) -> None:
    put(tmp_path, {"environments/a.yaml": "", "inner/environments/b.yaml": "", "inner/deep/er/x": ""})
    assert find_workspace(tmp_path / "inner/deep/er").root == tmp_path / "inner"
    assert find_workspace(tmp_path).root == tmp_path


def test_no_workspace_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        find_workspace(tmp_path)
    (problem,) = caught.value.diagnostics
    assert problem.code == "F101"
    assert str(tmp_path) in problem.summary


def test_environment_names_are_sorted_and_leave_out_hidden_files(tmp_path: Path) -> None:
    names = ["prod.yaml", "dev.yml", "_draft.yaml", ".hidden.yaml", "README.md"]
    put(tmp_path, {f"environments/{name}": "" for name in names})
    assert find_workspace(tmp_path).environment_names() == ("dev", "prod")
    assert find_workspace(tmp_path).environment_path("dev").name == "dev.yml"


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", Settings()),
        ("# nothing\n", Settings()),
        ("environment: dev\ndialect: lenient\nport: 8085\n", Settings("dev", "lenient", 8085)),
        ("dialect: 2.0\n", Settings(dialect="2.0")),
        ("dialect: '1.3'\n", Settings(dialect="1.3")),
    ],
)
def test_settings_are_read(workspace: Workspace, text: str, settings: Settings) -> None:
    put(workspace.root, {"flowctl.yaml": text})
    assert workspace.settings == settings


def test_without_a_file_nothing_is_set_and_nothing_is_written(workspace: Workspace) -> None:
    assert workspace.settings == Settings()
    assert not workspace.state_dir.exists()
