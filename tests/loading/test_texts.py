"""Bytes of files and their text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.loading.texts import Unreadable, decode, read_limited


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_048_576, 3_000_000])
def test_a_file_up_to_its_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    (tmp_path / "x").write_bytes(data)
    assert read_limited(tmp_path / "x", size, "F373") == data


@pytest.mark.parametrize("limit", [0, 10, 65_536, 100_000])
def test_a_file_past_its_limit_is_refused_with_both_figures(tmp_path: Path, limit: int) -> None:
    (tmp_path / "x").write_bytes(b"x" * (limit + 1))
    with pytest.raises(Unreadable) as caught:
        read_limited(tmp_path / "x", limit, "F373")
    assert caught.value.code == "F373"
    assert f"{limit + 1:,} bytes, the limit is {limit:,}" in caught.value.summary


def test_a_missing_file_and_a_directory_are_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(Unreadable) as caught:
            read_limited(path, 10, "F373")
        assert caught.value.code == "F401"


@given(st.text(max_size=30).filter(lambda text: "\0" not in text and not text.startswith("\ufffe")))
def test_utf8_is_decoded_exactly(text: str) -> None:
    assert decode(text.encode()) == text


@given(st.text(alphabet="ab ä😀\n", max_size=30), st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_first_wrong_byte_has_its_line_and_column(text: str, eol: str) -> None:
    good = text.replace("\n", eol)
    with pytest.raises(Unreadable) as caught:
        decode(good.encode() + b"\xff" + b"rest")
    lines = text.split("\n")
    assert caught.value.code == "F201"
    assert caught.value.at == (len(lines), len(lines[-1]) + 1)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ("grün".encode("latin-1"), "save the file as UTF-8 (in Latin-1 this byte is `ü`)"),
        (b"a\x9d", "save it as UTF-8"),
    ],
)
def test_a_wrong_byte_is_named_as_the_letter_that_was_probably_meant(data: bytes, hint: str) -> None:
    with pytest.raises(Unreadable) as error:
        decode(data)
    assert error.value.hint == hint
