"""Edges of cron expressions, each as seen on a real server: what is refused, what repeated hours do, `L-3`, `*/1`."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from flowctl.language.cron import CronError, parse_cron

NEW_YORK = ZoneInfo("America/New_York")


def fires(text: str, start: str, count: int, zone: ZoneInfo = NEW_YORK) -> list[str]:
    moments = parse_cron(text).fires_after(datetime.fromisoformat(start + ":00+00:00"), zone)
    return [moment.astimezone(UTC).strftime("%m-%d %H:%M") for moment in islice(moments, count)]


@pytest.mark.parametrize(
    "text",
    [
        "*/60 * * * *",
        "* */24 * * *",
        "* * */32 * *",
        "* * * */13 *",
        "* * * * */8",
        "0/70 * * * *",
        "* * * * mon-0",
        "* * * * sun-sat",
        "* * * * 6-0",
        "* * L-0 * *",
        "* * L-32 * *",
        "* * LW * *",
        " @daily",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(CronError):
        parse_cron(text)


@pytest.mark.parametrize(
    "text",
    ["*/59 * * * *", "* */23 * * *", "* * * * 0-7", "* * * * sat-sun", "* * l-3,5 * *", "/5 * * * *"],
)
def test_accepted(text: str) -> None:
    assert len(fires(text, "2026-01-01T00:00", 3)) == 3


def test_a_day_that_no_month_has_is_accepted_and_never_comes() -> None:
    assert fires("0 12 L-31 * *", "2026-01-01T00:00", 1) == []


def test_a_nickname_may_have_seconds() -> None:
    assert parse_cron("@daily", with_seconds=True) == parse_cron("0 0 0 * * *", with_seconds=True)


def test_days_from_the_end_of_a_month() -> None:
    assert fires("0 12 L-3,L * *", "2027-02-01T00:00", 4, ZoneInfo("UTC")) == [
        "02-25 12:00",
        "02-28 12:00",
        "03-28 12:00",
        "03-31 12:00",
    ]


def test_every_day_in_other_words_is_no_restriction() -> None:
    """With one, either would do: a day of the month, or a Sunday."""
    assert fires("0 12 */1 * 0", "2026-06-16T00:00", 2, ZoneInfo("UTC")) == ["06-21 12:00", "06-28 12:00"]
    assert fires("0 12 * * 7/2", "2026-06-14T00:00", 4, ZoneInfo("UTC")) == [
        "06-14 12:00",
        "06-16 12:00",
        "06-18 12:00",
        "06-20 12:00",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19 1 * * *", ["11-01 05:19", "11-02 06:19"]),
        ("19 0,1 * * *", ["11-01 05:19", "11-02 05:19"]),
        ("19 1,3 * * *", ["11-01 05:19", "11-01 08:19"]),
        ("19 1-18 * * *", ["11-01 05:19", "11-01 06:19"]),
        ("0,40 1 * * *", ["11-01 05:00", "11-01 05:40", "11-01 06:00", "11-01 06:40", "11-02 06:00"]),
    ],
)
def test_an_hour_that_occurs_twice(text: str, expected: list[str]) -> None:
    """A time a day fires once; what goes on to the next hour or to another minute fires in both."""
    assert fires(text, "2026-11-01T04:30", len(expected)) == expected
