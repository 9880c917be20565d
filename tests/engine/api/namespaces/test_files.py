"""Namespace files over HTTP."""

from __future__ import annotations

import io
import zipfile

import pytest

from flowctl.engine.api.namespaces.paths import InvalidPath, clean
from tests.engine.api.server import Server

FILES = "/namespaces/company.team/files"


def upload(server: Server, path: str, data: bytes = b"x") -> int:
    return server.post(f"{FILES}?path={path}", files={"fileContent": ("any.txt", data)}).status_code


def listed(server: Server, path: str = "/") -> list[tuple[str, str, int]]:
    return [(row["fileName"], row["type"], row["size"]) for row in server.get(f"{FILES}/directory?path={path}").json()]


def test_bytes_come_back_as_they_were_sent(server: Server) -> None:
    data = bytes(range(256)) * 300
    assert upload(server, "/dir/a.bin", data) == 200
    answer = server.get(f"{FILES}?path=dir/a.bin")
    assert (answer.content, answer.headers["content-type"]) == (data, "application/octet-stream")
    assert listed(server) == [("dir", "Directory", 0)]
    assert listed(server, "/dir") == [("a.bin", "File", len(data))]


def test_the_root_is_always_there(server: Server) -> None:
    assert listed(server) == []
    assert server.get(f"{FILES}/stats").json()["type"] == "Directory"
    assert server.get(f"{FILES}/directory?path=/nope").status_code == 404
    assert server.get(f"{FILES}/stats?path=/nope").status_code == 404


def test_search_finds_files_by_part_of_their_path(server: Server) -> None:
    for path in ("/file.txt", "/folder/file.py", "/folder/other.sh"):
        upload(server, path)
    assert server.get(f"{FILES}/search?q=file").json() == ["/file.txt", "/folder/file.py"]
    assert server.get(f"{FILES}/search?q=folder").json() == ["/folder/file.py", "/folder/other.sh"]
    assert server.get(f"{FILES}/search").json() == ["/file.txt", "/folder/file.py", "/folder/other.sh"]


def test_move_and_delete(server: Server) -> None:
    upload(server, "/a/b.txt", b"1")
    assert server.put(f"{FILES}?from=/a&to=/c").status_code == 200
    assert server.get(f"{FILES}?path=/c/b.txt").content == b"1"
    assert server.put(f"{FILES}?from=/nope&to=/d").status_code == 404
    assert server.delete(f"{FILES}?path=/c/b.txt").status_code == 200
    assert listed(server) == []
    assert server.delete(f"{FILES}?path=/c/b.txt").status_code == 200


def test_directories_are_made_and_stand_in_no_files_way(server: Server) -> None:
    assert server.post(f"{FILES}/directory?path=/made/deep").status_code == 200
    assert listed(server, "/made") == [("deep", "Directory", 0)]
    assert upload(server, "/made") == 422
    upload(server, "/file")
    assert server.post(f"{FILES}/directory?path=/file/below").status_code == 422
    assert server.get(f"{FILES}/directory?path=/file").status_code == 422


def test_revisions(server: Server) -> None:
    upload(server, "/f", b"one")
    upload(server, "/f", b"two")
    assert server.get(f"{FILES}/revisions?path=/f").json() == [{"revision": 1}, {"revision": 2}]
    assert server.get(f"{FILES}?path=/f&revision=1").content == b"one"
    assert server.get(f"{FILES}?path=/f&revision=9").status_code == 404
    server.delete(f"{FILES}?path=/f")
    assert server.get(f"{FILES}/revisions?path=/f").status_code == 404


def test_a_zip_is_unpacked_and_an_export_packed(server: Server) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "A")
        archive.writestr("dir/b.txt", "B")
    assert upload(server, "/all.zip", out.getvalue()) == 200
    assert server.get(f"{FILES}/search").json() == ["/a.txt", "/dir/b.txt"]
    answer = server.get(f"{FILES}/export")
    assert "company.team_files.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.txt": b"A", "dir/b.txt": b"B"}


@pytest.mark.parametrize(
    "path",
    [
        "/../x",
        "/a/../../x",
        "..",
        "/a/./b",
        "/a\\..\\b",
        "/a%00b",
        "/a%0ab",
        "/" + "n" * 256,
        "/" + "/".join(["n" * 200] * 6),
        "/",
        "",
        "/_flows/x.yml",
        "%2e%2e/x",
        "/..%2f..%2fx",
    ],
)
def test_paths_that_no_file_can_have(server: Server, path: str) -> None:
    assert upload(server, path) == 422
    assert server.get(f"{FILES}?path={path}").status_code == 422
    assert server.get(f"{FILES}/search").json() == []


def test_a_path_is_required(server: Server) -> None:
    assert server.get(FILES).status_code == 400
    assert server.post(f"{FILES}?path=/x").status_code == 415


@pytest.mark.parametrize(
    ("path", "whole"), [("a/b.txt", "/a/b.txt"), ("//a///b", "/a/b"), ("/ü ñ/日本.txt", "/ü ñ/日本.txt"), ("/a/", "/a")]
)
def test_spellings_of_one_path(path: str, whole: str) -> None:
    assert clean(path) == whole


def test_the_root_is_a_path_only_where_it_may_be() -> None:
    assert clean("/", root=True) == "/"
    with pytest.raises(InvalidPath):
        clean("/")
