"""Durations and sizes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.language.durations import format_duration, parse_duration, parse_size, read_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT5M", 300),
        ("pt90s", 90),
        ("P1D", 86400),
        ("P1DT2H", 93600),
        ("PT0.5S", 0.5),
        ("PT-6H+3M", -6 * 3600 + 180),
        ("-PT6H", -21600),
        ("PT1H30M", 5400),
        ("PT-0.5S", -0.5),
    ],
)
def test_iso(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "5m", "soon", "P1Y", "P1M", "P1DT", "PT5", "P999999999D", "P99999999999D", "1:30"]
)
def test_no_iso(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5 seconds", 5), ("1 second", 1), ("2 minutes", 120), ("1.5 h", 5400), ("3d", 259200), ("PT7S", 7)],
)
def test_words(text: str, seconds: float) -> None:
    assert read_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["soon", "5 fortnights", "5", "", "1" + "0" * 30 + " days"])
def test_no_words(text: str) -> None:
    with pytest.raises(ValueError):
        read_duration(text)


@given(st.timedeltas(min_value=timedelta(days=-(10**6)), max_value=timedelta(days=10**6)))
def test_what_is_written_is_read_again(value: timedelta) -> None:
    assert abs(parse_duration(format_duration(value)) - value) <= timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "PT0S"), (330, "PT5M30S"), (93600, "PT26H"), (0.25, "PT0.25S"), (-60, "PT-1M")]
)
def test_as_java_prints(seconds: float, text: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("text", "size"),
    [("10", 10), ("10B", 10), ("1 KB", 1024), ("4GB", 4 * 1024**3), ("512Ki", 512 * 1024), ("0.5mb", 512 * 1024)],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "ten", "1 PB", "-1", "9" * 400])
def test_no_size(text: str) -> None:
    with pytest.raises(ValueError):
        parse_size(text)
