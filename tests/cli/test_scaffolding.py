"""The files of a new workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.cli.first_files import new_files
from flowctl.cli.scaffolding import check_name, check_server, ignore_state, write_new
from flowctl.errors import FlowctlError, UsageError


def test_new_files_are_written_once(tmp_path: Path) -> None:
    files = new_files("dev", "bundled")
    assert write_new(tmp_path, files) == ["environments/dev.yaml", "flows/dev/hello.yaml"]
    (tmp_path / "flows/dev/hello.yaml").write_text("mine")
    with pytest.raises(FlowctlError) as caught:
        write_new(tmp_path, files)
    assert caught.value.diagnostics[0].code == "C111"
    assert (tmp_path / "flows/dev/hello.yaml").read_text() == "mine"


def test_nothing_is_written_when_one_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "flows/dev").mkdir(parents=True)
    (tmp_path / "flows/dev/hello.yaml").write_text("mine")
    with pytest.raises(FlowctlError):
        write_new(tmp_path, new_files("dev", "bundled"))
    assert not (tmp_path / "environments").exists()


def test_git_ignores_the_state_once(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("build/")
    assert ignore_state(tmp_path) == [".gitignore"]
    assert (tmp_path / ".gitignore").read_text() == "build/\n.flowctl/\n"
    assert ignore_state(tmp_path) == []


def test_a_server_elsewhere_gets_its_token_from_a_variable() -> None:
    text = new_files("prod", "https://kestra.example.com")["environments/prod.yaml"]
    assert "server: https://kestra.example.com\n" in text
    assert "  token_env: FLOWCTL_TOKEN\n" in text


@pytest.mark.parametrize("name", ["Dev", "-a", "a_b", "", "a.b"])
def test_names_are_lower_case_with_hyphens(name: str) -> None:
    with pytest.raises(UsageError):
        check_name(name)


@pytest.mark.parametrize("server", ["kestra.example.com", "ftp://x", "http://", "Bundled"])
def test_a_server_is_bundled_or_a_url(server: str) -> None:
    with pytest.raises(UsageError):
        check_server(server)


@pytest.mark.parametrize("server", ["https://ann:hunter2@k.example", "ann:hunter2@k.example"])
def test_a_login_in_the_address_is_neither_written_nor_repeated(server: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_server(server)
    assert caught.value.diagnostics[0].code == "C110"
    assert "hunter2" not in str(caught.value.diagnostics)
