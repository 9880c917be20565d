from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.scheduler import backfills
from flowctl.engine.scheduler.occurrence import occurrence, schedule_variables

HOURLY = {"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "0 * * * *"}
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def hour(number: int) -> datetime:
    return TEN.replace(hour=number)


def test_a_date_that_has_come_fires_and_the_next_one_follows() -> None:
    found = occurrence(HOURLY, TEN, TEN + timedelta(seconds=1), TEN - timedelta(hours=1))
    assert (found.fire, found.next) == (TEN, hour(11))


@pytest.mark.parametrize(
    ("recover", "fire", "following"),
    [("ALL", hour(6), hour(7)), ("LAST", hour(9), hour(10)), ("NONE", None, hour(10))],
)
def test_dates_missed_while_the_server_was_down(recover: str, fire: datetime | None, following: datetime) -> None:
    now = hour(9) + timedelta(minutes=30)
    found = occurrence({**HOURLY, "recoverMissedSchedules": recover}, hour(6), now, awake_since=now)
    assert (found.fire, found.next) == (fire, following)


def test_a_date_that_is_too_late_is_skipped_up_to_the_first_that_is_not() -> None:
    now = hour(9) + timedelta(minutes=30)
    found = occurrence({**HOURLY, "lateMaximumDelay": "PT2H"}, hour(5), now, awake_since=hour(0))
    assert (found.fire, found.next) == (None, hour(8))


def test_variables_stand_in_the_triggers_zone() -> None:
    trigger = {**HOURLY, "cron": "0 3 * * *", "timezone": "Europe/Paris"}
    assert schedule_variables(trigger, datetime(2026, 3, 28, 2, tzinfo=UTC)) == {
        "date": "2026-03-28T03:00:00+01:00",
        "next": "2026-03-29T03:00:00+02:00",
        "previous": "2026-03-27T03:00:00+01:00",
    }


@given(st.integers(0, 48), st.integers(0, 48))
def test_a_backfill_fires_every_date_of_its_span_once_and_then_gives_the_trigger_back(first: int, length: int) -> None:
    start = TEN + timedelta(hours=first)
    end, resume = start + timedelta(hours=length), datetime(2027, 1, 1, tzinfo=UTC)
    held = backfills.begin(HOURLY, start, end, resume, {}, ())
    fired, last = [], None
    while held is not None:
        held = backfills.from_json(backfills.to_json(held))
        found, held = backfills.step(HOURLY, held)
        fired.append(found.fire)
        last = found.next
    assert fired == [start + timedelta(hours=n) for n in range(length + 1)]
    assert last == resume


def test_a_span_without_a_date_is_no_backfill() -> None:
    start = TEN + timedelta(minutes=1)
    assert backfills.begin(HOURLY, start, start + timedelta(minutes=5), None, {}, ()) is None
