"""Everything that is too much is a 4xx that says why, and the server goes on."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.api.listing.conditions import MOST_PATTERN
from flowctl.engine.api.listing.paging import MOST
from flowctl.engine.settings import Limits
from flowctl.flowtext.document import MAX_DEPTH, MAX_NODES
from tests.engine.api.server import YAML, Server, flow, running

SMALL = Limits(
    flow_bytes=2000,
    bulk_bytes=5000,
    upload_bytes=20_000,
    json_bytes=3000,
    value_bytes=1000,
    unpacked_bytes=50_000,
    zip_entries=20,
    query_bytes=500,
    header_bytes=2000,
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data", limits=SMALL) as found:
        yield found


def test_a_long_flow_is_413_whether_it_says_its_length_or_not(small: Server) -> None:
    text = flow(message="x" * 3000)

    async def pieces() -> Iterator[bytes]:  # type: ignore[misc]  # an async generator
        for start in range(0, len(text), 100):
            yield text[start : start + 100].encode()

    for content in (text, pieces()):
        answer = small.post("/flows", content=content, headers=YAML)
        assert answer.status_code == 413
        assert "2000 bytes" in answer.json()["message"]
    assert small.get("/flows/company.team/f").status_code == 404


def test_long_values_queries_headers_and_json(small: Server) -> None:
    assert small.put("/namespaces/a/kv/k", content=json.dumps("x" * 2000)).status_code == 413
    assert small.get("/flows/search?q=" + "x" * 600).status_code == 414
    assert small.get("/flows/search", headers={"X-Long": "x" * 3000}).status_code == 431
    assert small.post("/flows/export/by-ids", content=b" " * 4000).status_code == 413
    assert small.post("/flowctl/batch", content=b" " * 6000).status_code == 413


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped({"big.yml": b"a" * 60_000}), "too large once unpacked"),
        (zipped({f"{n}.yml": b"a" for n in range(30)}), "30 entries"),
        (zipped({"../../etc/x.yml": b"a"}), "leads outside"),
        (zipped({"/etc/x.yml": b"a"}), "leads outside"),
        (zipped({"..\\x.yml": b"a"}), "leads outside"),
        (b"PK\x03\x04 this is no ZIP", "not a readable ZIP"),
        (zipped({"a.yml": b"hello"})[:-30], "not a readable ZIP"),
    ],
    # A ZIP holds the time it was made, which must not become the name of a test.
    ids=["bomb", "entries", "up", "root", "backslash", "no-zip", "cut"],
)
def test_hostile_zips_are_refused_with_the_reason(small: Server, data: bytes, words: str) -> None:
    for path, field in (("/flows/import", "fileUpload"), ("/namespaces/a/files?path=/x.zip", "fileContent")):
        answer = small.post(path, files={field: ("x.zip", data)})
        assert answer.status_code == 422
        assert words in answer.json()["message"]
    assert small.get("/namespaces/a/files/search?q=").json() == []


def test_a_large_upload_is_413(small: Server) -> None:
    assert small.post("/namespaces/a/files?path=/x", files={"fileContent": ("x", b"a" * 30_000)}).status_code == 413


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 5000 + "]" * 5000,
        "- " * 900 + "x",
        "\n".join(
            ["a: &a [x,x,x,x,x,x,x,x,x]"]
            + [f"{b}: &{b} [{','.join(['*' + a] * 9)}]" for a, b in ("ab", "bc", "cd", "de", "ef", "fg", "gh", "hi")]
        ),
        "a: *nowhere",
        "? [a, b]\n: c",
        "a: !!python/object/apply:os.system ['true']",
        "id: a\nnamespace: b\ntasks: [{id: l, type: io.kestra.plugin.core.log.Log, message: " + "9" * 5000 + "}]",
        "{a: &x [*x]}",
        "\ufeffid: [",
        'id: "\\ud800"\nnamespace: a\ntasks: []',
        "%YAML 9.9\n---\na: b",
        "a: b\n--- c",
        "\x00",
    ],
)
def test_odd_yaml_is_never_an_error_of_the_server(server: Server, text: str) -> None:
    for path in ("/flows", "/flows/validate", "/flows/bulk?delete=false"):
        answer = server.post(path, content=text.encode("utf-8", "surrogatepass"), headers=YAML)
        assert answer.status_code in (200, 422), (path, answer.text)
    assert server.get("/flows/search").status_code == 200


def test_bytes_that_are_no_utf8_are_422(server: Server) -> None:
    answer = server.post("/flows", content="id: ü".encode("latin-1"), headers=YAML)
    assert answer.status_code == 422
    assert "0xfc" in answer.json()["message"]


@pytest.mark.parametrize("body", [b"", b"[", b"null", b"1", b'{"flows": 1}', b'"' + b"\xff" + b'"', b"[" * 100_000])
def test_odd_json_is_422(server: Server, body: bytes) -> None:
    for path in ("/flowctl/sources", "/flowctl/batch", "/flows/export/by-ids", "/flows/delete/by-ids"):
        method = "DELETE" if "delete" in path else "POST"
        assert server.ask(method, path, content=body).status_code == 422, path


def test_a_form_that_is_none_is_a_4xx(server: Server) -> None:
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert server.post("/flows/import", content=b"nothing", headers=broken).status_code in (400, 422)
    assert server.post("/flows/import", content=b"", headers={"Content-Type": "multipart/form-data"}).status_code == 422
    assert server.post("/flows/import", content=b"x").status_code == 415
    assert server.post("/flows/import", files={"other": ("x", b"y")}).status_code == 400


def test_the_limits_in_the_docs_are_those_of_the_server() -> None:
    text = (Path(__file__).parents[3] / "docs" / "server.md").read_text("utf-8")
    mib, limits = 1024 * 1024, Limits()
    for words, value in (
        ("text of one flow | {} MiB", limits.flow_bytes // mib),
        ("a batch | {} MiB", limits.bulk_bytes // mib),
        ("an import | {} MiB", limits.upload_bytes // mib),
        ("other JSON bodies | {} MiB", limits.json_bytes // mib),
        ("value of a key | {} MiB", limits.value_bytes // mib),
        ("ZIP, unpacked | {} MiB", limits.unpacked_bytes // mib),
        ("and {:,} entries", limits.zip_entries),
        ("query | {} KiB", limits.query_bytes // 1024),
        ("headers | {} KiB", limits.header_bytes // 1024),
        ("YAML | {} levels", MAX_DEPTH),
        ("{:,} values", MAX_NODES),
        ("page | {:,}", MOST),
        ("filter | {} characters", MOST_PATTERN),
    ):
        assert words.format(value) in text
