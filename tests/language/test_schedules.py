"""Next fires of triggers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowctl.language.schedules import next_fires

AFTER = datetime(2026, 3, 27, 12, tzinfo=UTC)


def test_a_schedule_in_its_zone() -> None:
    trigger = {
        "type": "io.kestra.plugin.core.trigger.Schedule",
        "cron": "0 9 * * MON-FRI",
        "timezone": "Europe/Paris",
    }
    assert [at.isoformat() for at in next_fires(trigger, AFTER, 3)] == [
        "2026-03-30T07:00:00+00:00",
        "2026-03-31T07:00:00+00:00",
        "2026-04-01T07:00:00+00:00",
    ]


def test_seconds() -> None:
    trigger = {"type": "io.kestra.plugin.core.trigger.Schedule", "cron": "*/30 0 12 * * *", "withSeconds": True}
    assert [at.strftime("%dT%H:%M:%S") for at in next_fires(trigger, AFTER, 3)] == [
        "27T12:00:30",
        "28T12:00:00",
        "28T12:00:30",
    ]


def test_given_dates_without_offset_are_in_the_triggers_zone() -> None:
    trigger = {
        "type": "io.kestra.plugin.core.trigger.ScheduleOnDates",
        "timezone": "Asia/Tokyo",
        "dates": ["2026-04-02T09:00:00", "2026-03-27T13:00:00Z", "2026-03-27T12:00:00Z", "2020-01-01T00:00:00Z"],
    }
    assert [at.isoformat() for at in next_fires(trigger, AFTER, 5)] == [
        "2026-03-27T13:00:00+00:00",
        "2026-04-02T00:00:00+00:00",
    ]


def test_other_triggers_never_fire_by_the_clock() -> None:
    assert next_fires({"type": "io.kestra.plugin.core.trigger.Webhook", "key": "k"}, AFTER, 3) == ()


@pytest.mark.parametrize("wrong", [{"cron": "61 * * * *"}, {"cron": "0 0 * * *", "timezone": "Nowhere"}])
def test_a_wrong_schedule_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        next_fires({"type": "io.kestra.plugin.core.trigger.Schedule", **wrong}, AFTER, 1)
