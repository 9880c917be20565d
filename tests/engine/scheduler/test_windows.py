from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowctl.engine.scheduler.windows import Window, time_window_of, window_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("window", "at", "holds"),
    [
        (window_of({"lookback": "PT2H"}), ago(2), True),
        (window_of({"lookback": "PT2H"}), ago(2.1), False),
        (window_of({"every": "PT6H"}), ago(0), True),
        (window_of({"every": "PT6H"}), ago(0.1), False),
        (window_of({"every": "PT6H", "offset": "PT1H"}), ago(4.9), True),
        (window_of({"deadline": "13:00:00"}), ago(11), True),
        (window_of({"deadline": "13:00:00"}), ago(12.1), False),
        (window_of({"deadline": "10:00:00"}), ago(1), False),
        (time_window_of({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00+00:00"}), ago(2), False),
        (window_of({"from": "08:00:00", "to": "20:00:00", "timezone": "Asia/Tokyo"}), ago(12.9), True),
        (window_of({"from": "08:00:00", "to": "20:00:00", "timezone": "Asia/Tokyo"}), ago(13.1), False),
        (window_of({"from": "08:00:00", "to": "13:00:00"}), ago(3), True),
        (window_of({"from": "08:00:00", "to": "13:00:00"}), ago(5), False),
        (time_window_of(None), ago(11), True),
        (time_window_of(None), ago(13), False),
        (time_window_of({"type": "SLIDING_WINDOW", "window": "PT1H"}), ago(0.9), True),
        (time_window_of({"type": "DAILY_TIME_DEADLINE", "deadline": "13:00:00+00:00"}), ago(2), True),
        (time_window_of({"type": "DAILY_TIME_WINDOW", "startTime": "11:00:00", "endTime": "12:30:00"}), ago(2), False),
    ],
)
def test_what_was_met_counts_within_the_window(window: Window, at: datetime, holds: bool) -> None:
    assert window.holds(at, NOON) is holds


def test_an_empty_window_is_none() -> None:
    assert window_of({}) is None


def test_a_daily_span_is_closed_outside_of_it() -> None:
    window = Window(begin=NOON.time(), end=(NOON + timedelta(hours=1)).time())
    assert [window.open(ago(hours)) for hours in (1, 0, -0.5, -2)] == [False, True, True, False]


def test_a_span_of_one_side_bounds_nothing() -> None:
    for window in (Window(begin=NOON.time()), Window(end=NOON.time())):
        assert [(window.open(ago(hours)), window.holds(ago(hours), NOON)) for hours in (1, -1)] == [(True, True)] * 2


def test_after_a_deadline_nothing_counts_until_midnight() -> None:
    window = Window(deadline=NOON.time())
    assert [window.open(ago(hours)) for hours in (1, 0, -1, -12)] == [True, True, False, True]
