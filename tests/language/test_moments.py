"""Dates and times as Java reads and prints them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flowctl.language.moments import java_time, read_date, read_instant, read_time


@pytest.mark.parametrize(
    ("read", "text", "printed"),
    [
        (read_instant, "2024-05-01T10:00:00+02:00", "2024-05-01T08:00:00Z"),
        (read_instant, "2024-05-01T10:00:00.5Z", "2024-05-01T10:00:00.500Z"),
        (read_instant, "2024-05-01T10:00:00.1234567Z", "2024-05-01T10:00:00.123456700Z"),
        (read_date, "2024-05-01", "2024-05-01"),
        (read_time, "10:00", "10:00:00"),
        (read_time, "10:00:00.25", "10:00:00.250"),
    ],
)
def test_what_is_read_is_printed_as_java_does(read: Callable[[str], str], text: str, printed: str) -> None:
    assert read(text) == printed


@pytest.mark.parametrize(
    ("read", "text", "index"),
    [
        (read_instant, "2024-05-01T10:00:00", 0),
        (read_date, "2024-13-01", 0),
        (read_date, "2024-05-xx", 8),
        (read_time, "24:00", 0),
        (read_time, "10:00 Uhr", 5),
    ],
)
def test_what_is_no_moment_is_refused_with_the_place(read: Callable[[str], str], text: str, index: int) -> None:
    with pytest.raises(ValueError) as refused:
        read(text)
    assert str(refused.value) == f"Text '{text}' could not be parsed at index {index}"


@pytest.mark.parametrize(("text", "printed"), [("10:00", "10:00"), ("10:00:00", "10:00"), ("10:00:05", "10:00:05")])
def test_messages_say_seconds_only_where_there_are_some(text: str, printed: str) -> None:
    assert java_time(text) == printed
