"""Points in time as text."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.records.times import iso_time, micros_of, moment_of


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_000, "1970-01-01T00:00:00.001Z"),
        (1_764_065_400_123_456, "2025-11-25T10:10:00.123456Z"),
        (1_764_065_400_123_000, "2025-11-25T10:10:00.123Z"),
        (1_764_065_400_120_000, "2025-11-25T10:10:00.120Z"),
        (1_764_065_400_000_010, "2025-11-25T10:10:00.000010Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_is_printed_without_a_zero_fraction(at: int, text: str) -> None:
    assert iso_time(at) == text
    assert micros_of(moment_of(at)) == at
