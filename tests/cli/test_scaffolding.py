"""The files of a new workspace."""

from __future__ import annotations

import errno
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


def test_a_disk_without_room_is_said_of_the_file_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "hello.yaml":
            real(path, content[:3])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FlowctlError) as caught:
        write_new(tmp_path, new_files("dev", "bundled"))
    found = caught.value.diagnostics[0]
    assert (found.code, found.summary) == ("C112", "cannot write flows/dev/hello.yaml: No space left on device")
    assert found.hint == "make room, or check who owns the directory; nothing was kept of what was written"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_where_a_directory_belongs_is_said(tmp_path: Path) -> None:
    (tmp_path / "flows").write_text("mine")
    with pytest.raises(FlowctlError, match=r"cannot write flows/dev/hello\.yaml: "):
        write_new(tmp_path, new_files("dev", "bundled"))
    assert (tmp_path / "flows").read_text() == "mine" and not (tmp_path / "environments/dev.yaml").exists()


def test_a_gitignore_in_another_encoding_is_added_to_and_one_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"caf\xe9/\r\n")
    assert ignore_state(tmp_path) == [".gitignore"]
    assert (tmp_path / ".gitignore").read_bytes() == b"caf\xe9/\r\n.flowctl/\n"
    assert ignore_state(tmp_path) == []
    (tmp_path / ".gitignore").unlink()
    (tmp_path / ".gitignore").mkdir()
    with pytest.raises(FlowctlError, match=r"cannot write \.gitignore: "):
        ignore_state(tmp_path)


@pytest.mark.parametrize(
    "server", ["https://k.example/api", "https://k.example/api/v1/", "http://k.example/x/api/v1/main"]
)
def test_the_path_of_the_api_is_no_part_of_the_address(server: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_server(server)
    hint = f"leave it out: --server {server.partition('/api')[0]}"
    assert caught.value.diagnostics[0].hint == hint


@pytest.mark.parametrize(
    "server", ["https://api", "https://api/", "http://api.example/kestra", "https://k.example/api-2"]
)
def test_a_host_or_directory_that_is_only_called_like_it_is_taken(server: str) -> None:
    check_server(server)


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
