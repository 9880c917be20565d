"""Names of time zones that a server takes, and those it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowctl.language.cron import zone

MOMENT = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("UTC", 0),
        ("Z", 0),
        ("GMT", 0),
        ("Europe/Paris", 2),
        ("CET", 2),
        ("GMT+2", 2),
        ("UTC-03:30", -3.5),
        ("+02:00", 2),
        ("-0330", -3.5),
        ("+5", 5),
        ("Etc/GMT+3", -3),
        ("EST5EDT", -4),
    ],
)
def test_a_zone_has_its_offset(name: str, hours: float) -> None:
    assert MOMENT.astimezone(zone(name)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name", ["EST", "MST", "europe/paris", "Mars/Base", "", " ", "+19:00", "+02:75", "../etc/passwd"]
)
def test_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        zone(name)
