"""What standard output does with characters that its encoding lacks."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from flowctl.cli.terminal.streams import Outlet, OutputLost, outlet

TEXT = "é ☃ 😀 \udcff"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("ascii", rb"\u00e9 \u2603 \ud83d\ude00 \udcff"),
        ("latin-1", b"\xe9 " + rb"\u2603 \ud83d\ude00 \udcff"),
        ("utf-8", "é ☃ 😀 ".encode() + rb"\udcff"),
    ],
    ids=["ascii", "latin-1", "utf-8"],
)
def test_what_cannot_be_encoded_is_escaped(encoding: str, written: bytes) -> None:
    raw = io.BytesIO()
    stream = outlet(io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    stream.write(TEXT)
    stream.flush()
    assert raw.getvalue() == written


def test_json_stays_json_that_means_the_same() -> None:
    raw = io.BytesIO()
    stream = outlet(io.TextIOWrapper(raw, encoding="ascii"))
    stream.write(json.dumps({"said": TEXT}, ensure_ascii=False))
    stream.flush()
    assert json.loads(raw.getvalue()) == {"said": TEXT}


def test_a_stream_without_an_encoding_is_left_alone() -> None:
    stream = io.StringIO()
    assert outlet(stream) is stream
    stream.write(TEXT)
    assert stream.getvalue() == TEXT


def test_what_is_not_buffered_stays_so() -> None:
    raw = io.BytesIO()
    stream = outlet(io.TextIOWrapper(raw, encoding="utf-8", write_through=True))
    stream.write("x")
    assert raw.getvalue() == b"x"


def full(*, quiet: bool) -> Outlet:
    found = outlet(io.TextIOWrapper(io.FileIO("/dev/full", "wb")), quiet=quiet)
    assert isinstance(found, Outlet)
    return found


def test_a_full_disk_is_told_each_time(full_disk: None) -> None:
    stream = full(quiet=False)
    stream.write("x")
    for _ in range(2):
        with pytest.raises(OutputLost, match="no space left on device"):
            stream.flush()
    with pytest.raises(OutputLost):
        stream.write("y")
    stream.hush()  # Python 3.13 tells what goes wrong when a stream is thrown away


def test_a_quiet_stream_drops_what_it_cannot_write(full_disk: None) -> None:
    stream = full(quiet=True)
    for text in ("x", "longer"):
        assert stream.write(text) == len(text), "whoever writes goes on as if it were written"
        stream.flush()
    assert stream._lost is not None


@pytest.fixture
def full_disk() -> None:
    """Linux has a device for it; elsewhere there is none to write to."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
