"""When cron expressions fire, against what a real server computed, and against a slow but plain search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.language.cron import Cron, CronError, parse_cron, zone
from tests.language.recorded import load

SCHEDULES = [row for row in load("schedules.json") if row["next"]]


def next_after(cron: Cron, moment: datetime, where: tzinfo = UTC) -> datetime | None:
    return next(cron.fires_after(moment, where), None)


@pytest.mark.parametrize("row", SCHEDULES, ids=lambda row: f"{row['cron']} {row['timezone'] or ''}")
def test_the_next_fire_is_the_servers(row: dict[str, str]) -> None:
    """Every schedule was read a few seconds after it was saved, so one that fires every ten seconds had fired once."""
    cron = parse_cron(row["cron"], with_seconds=bool(row["withSeconds"]))
    moment = datetime.fromisoformat(row["at"])
    if row["cron"] == "*/10 * * * * *":
        moment += timedelta(seconds=10)
    assert next_after(cron, moment, zone(row["timezone"] or "UTC")) == datetime.fromisoformat(row["next"])


def test_all_recorded_schedules_are_here() -> None:
    assert len(SCHEDULES) == len(load("schedules.json")) == 61 + 1


WRONG = [
    ("61 * * * *", "Failed to parse cron expression. Value 61 not in range [0, 59]"),
    ("* 24 * * *", "Failed to parse cron expression. Value 24 not in range [0, 23]"),
    ("0 0 0 * *", "Failed to parse cron expression. Value 0 not in range [1, 31]"),
    ("0 0 1 13 *", "Failed to parse cron expression. Value 13 not in range [1, 12]"),
    ("0 0 * * 8", "Failed to parse cron expression. Value 8 not in range [0, 7]"),
    ("30-10 * * * *", "Failed to parse cron expression. Invalid range! [30,10]"),
    ("0 0 * * 1#2", "Failed to parse cron expression. Invalid expression: 1#2"),
    (
        "0 0 15W * *",
        "Failed to parse cron expression. Invalid chars in expression! Expression: 15W Invalid chars: W",
    ),
    (
        "-1 * * * *",
        "Failed to parse cron expression. Invalid expression! Expression: -1 does not describe a range. "
        "Negative numbers are not allowed.",
    ),
    ("0 3 * *", "Cron expression contains 4 parts but we expect one of [5]"),
    ("0 0 3 * * *", "Cron expression contains 6 parts but we expect one of [5]"),
    ("@DAILY", "Cron expression contains 1 parts but we expect one of [5]"),
    ("@reboot", "Cron expression contains 1 parts but we expect one of [5]"),
    ("every day", "Cron expression contains 2 parts but we expect one of [5]"),
    ("", "Empty expression!"),
    ("   ", "Empty expression!"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_expression_is_refused_in_the_servers_words(text: str, message: str) -> None:
    with pytest.raises(CronError) as caught:
        parse_cron(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text", ["*/0 * * * *", "5L * * * *", "? * * * *", "1, * * * *", "1-2-3 * * * *", "{{ x }} * *"]
)
def test_other_wrong_expressions_are_refused(text: str) -> None:
    with pytest.raises(CronError):
        parse_cron(text)


def test_with_seconds_wants_six_fields() -> None:
    with pytest.raises(CronError, match=r"contains 5 parts but we expect one of \[6\]"):
        parse_cron("0 3 * * *", with_seconds=True)


def fires(text: str, after: str, count: int, name: str = "UTC") -> list[str]:
    cron, moment, found = parse_cron(text), datetime.fromisoformat(after), []
    for _ in range(count):
        following = next_after(cron, moment, zone(name))
        assert following is not None
        moment = following
        found.append(moment.strftime("%m-%dT%H:%MZ"))
    return found


def test_an_ambiguous_time_fires_once() -> None:
    found = fires("30 2 * * *", "2027-10-30T12:00Z", 3, "Europe/Paris")
    assert found == ["10-31T00:30Z", "11-01T01:30Z", "11-02T01:30Z"]


def test_an_interval_goes_on_through_the_hour_that_occurs_twice() -> None:
    found = fires("*/30 * * * *", "2027-10-30T23:45Z", 6, "Europe/Paris")
    assert found == ["10-31T00:00Z", "10-31T00:30Z", "10-31T01:00Z", "10-31T01:30Z", "10-31T02:00Z", "10-31T02:30Z"]


def test_an_interval_goes_on_through_the_hour_that_is_missing() -> None:
    assert fires("30 * * * *", "2027-03-28T00:00Z", 3, "Europe/Paris") == [
        "03-28T00:30Z",
        "03-28T01:30Z",
        "03-28T02:30Z",
    ]


@pytest.mark.parametrize("text", ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *"])
def test_a_date_that_never_is_never_fires(text: str) -> None:
    assert next_after(parse_cron(text), datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert parse_cron(text).previous_before(datetime(2026, 1, 1, tzinfo=UTC)) is None


fields = st.tuples(
    st.sampled_from(["0", "*/20", "5,35", "10-50/20", "59"]),
    st.sampled_from(["*", "0", "2", "1-3", "*/6", "23"]),
    st.sampled_from(["*", "1", "L", "28-31", "*/10"]),
    st.sampled_from(["*", "3", "MAR,OCT", "11"]),
    st.sampled_from(["*", "0", "MON-FRI", "7", "sat"]),
)
zones = st.sampled_from(
    ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Beirut", "+05:30"]
)
moments = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2029, 1, 1), timezones=st.just(UTC))


@settings(max_examples=150, deadline=None)
@given(parts=fields, name=zones, moment=moments)
def test_next_and_previous_are_each_others_inverse(parts: tuple[str, ...], name: str, moment: datetime) -> None:
    cron, where = parse_cron(" ".join(parts)), zone(name)
    following = next_after(cron, moment, where)
    assert following is not None and following > moment
    assert cron.fires_on(following.astimezone(where).date())
    assert next_after(cron, following - timedelta(seconds=1), where) == following
    assert cron.previous_before(following + timedelta(seconds=1), where) == following
    before = cron.previous_before(following, where)
    assert before is not None and before <= moment
    assert next_after(cron, before, where) == following


@settings(max_examples=60, deadline=None)
@given(parts=fields, name=zones, moment=moments)
def test_every_fire_is_a_wall_clock_time_of_the_expression(parts: tuple[str, ...], name: str, moment: datetime) -> None:
    """A search minute by minute over two days finds the same times, but for the second turn of a repeated hour."""
    cron, where = parse_cron(" ".join(parts)), zone(name)
    start = moment.replace(second=0, microsecond=0)
    plain = []
    for minute in range(1, 2 * 24 * 60):
        instant = start + timedelta(minutes=minute)
        local = instant.astimezone(where)
        fits = local.hour in cron.hours.values and local.minute in cron.minutes.values
        if fits and cron.fires_on(local.date()) and (local.fold == 0 or cron.hours.every):
            plain.append(instant)
    found, at = [], start
    while (following := next_after(cron, at, where)) is not None and following < start + timedelta(minutes=2 * 24 * 60):
        found.append(following)
        at = following
    assert found == plain
