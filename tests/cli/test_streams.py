"""What standard output does with characters that its encoding lacks."""

from __future__ import annotations

import io
import json

import pytest

from flowctl.cli.streams import escape_unknown

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
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    escape_unknown(stream)
    stream.write(TEXT)
    stream.flush()
    assert raw.getvalue() == written


def test_json_stays_json_that_means_the_same() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    escape_unknown(stream)
    stream.write(json.dumps({"said": TEXT}, ensure_ascii=False))
    stream.flush()
    assert json.loads(raw.getvalue()) == {"said": TEXT}


def test_a_stream_without_an_encoding_is_left_alone() -> None:
    stream = io.StringIO()
    escape_unknown(stream)
    stream.write(TEXT)
    assert stream.getvalue() == TEXT
