"""H8, H9, H11 and H43."""

from __future__ import annotations

from datetime import UTC, datetime

from flowctl.model.live import LiveTrigger
from flowctl.planfile.decoding import decode_plan
from flowctl.planfile.encoding import encode_plan
from flowctl.planfile.members import Members
from flowctl.views.plans.impact import impact_lines
from tests.planning.hazards.worlds import change, key, made, one, said, schedule, text

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BERLIN = "    timezone: Europe/Berlin\n"


def moved(old: str, new: str, **more: object):  # type: ignore[no-untyped-def]  # a plan, in a word
    before = {key("a"): text("a", schedule(old))}
    return made({key("a"): text("a", schedule(new))}, before, now=NOON, **more)  # type: ignore[arg-type]


def test_h8_says_that_today_loses_a_run() -> None:
    plan = moved("0 14 * * *", "0 8 * * *")
    found = one(plan, "H8")
    assert "the day of the apply loses a run" in found.summary
    assert found.detail == "next fire was 2026-03-02 14:00 UTC, is 2026-03-03 08:00 UTC"
    (impact,) = change(plan, "a").impact.schedules
    assert impact.today == "lost" and impact.daily_before == impact.daily_after == 1.0


def test_h8_says_that_today_runs_twice() -> None:
    assert "runs it once more" in one(moved("0 8 * * *", "0 14 * * *"), "H8").summary


def test_h8_is_silent_when_only_the_text_changes() -> None:
    assert said(moved("0 8 * * *", "00 8 * * *"), "H8") == []


def test_h9_warns_of_a_fire_within_minutes() -> None:
    found = one(moved("3 12 * * *", "30 13 * * *"), "H9")
    assert found.severity == "warning" and "in 180 s" in found.summary
    assert said(moved("30 12 * * *", "30 13 * * *"), "H9") == []


def test_h9_looks_at_schedules_that_stay() -> None:
    before = {key("a"): text("a", schedule("3 12 * * *"))}
    plan = made({key("a"): text("a", "description: x\n" + schedule("3 12 * * *"))}, before, now=NOON)
    assert one(plan, "H9").line == 5 and said(plan, "H8") == []


def test_h11_says_when_a_schedule_may_catch_up() -> None:
    before = {key("a"): text("a", schedule("0 5 * * *", more="    disabled: true\n"))}
    last = (LiveTrigger(key("a"), "daily", True, last_date=datetime(2026, 2, 1, 5, tzinfo=UTC)),)
    plan = made({key("a"): text("a", schedule("0 5 * * *"))}, before, now=NOON, triggers=last)
    assert "2026-02-01 05:00 UTC" in one(plan, "H11").summary
    none = {key("a"): text("a", schedule("0 5 * * *", more="    recoverMissedSchedules: NONE\n"))}
    assert said(made(none, before, now=NOON, triggers=last), "H11") == []


def test_h43_names_the_days_on_which_a_run_is_skipped_or_would_come_twice() -> None:
    plan = made({key("a"): text("a", schedule("30 2 * * *", more=BERLIN))}, now=NOON)
    skipped, twice = said(plan, "H43")
    assert "2026-03-29" in skipped.summary and "02:30 does not exist" in skipped.summary
    assert "2026-10-25" in twice.summary and "comes twice" in twice.summary
    assert said(made({key("a"): text("a", schedule("30 4 * * *", more=BERLIN))}, now=NOON), "H43") == []


def test_dates_of_a_schedule_with_seconds_are_told_apart() -> None:
    every = schedule("*/20 * * * * *", more="    withSeconds: true\n")
    lines = impact_lines(change(made({key("a"): text("a", every)}), "a").impact)
    assert any("12:00:20, 2026-03-01 12:00:40" in line for line in lines), lines


def test_fires_are_told_by_the_clock_of_their_schedules_zone() -> None:
    night, later = schedule("30 1 * * *", more=BERLIN), schedule("30 4 * * *", more=BERLIN)
    plan = made({key("a"): text("a", later)}, {key("a"): text("a", night)}, now=datetime(2026, 3, 27, 12, tzinfo=UTC))
    lines = list(impact_lines(change(plan, "a").impact))
    was = "2026-03-28 01:30 UTC+01:00, 2026-03-29 01:30 UTC+01:00, 2026-03-30 01:30 UTC+02:00, ..."
    assert f"  was due {was}" in lines
    assert "  lost within a day: 2026-03-28 01:30 UTC+01:00" in lines
    detail = "next fire was 2026-03-28 01:30 UTC+01:00, is 2026-03-28 04:30 UTC+01:00"
    assert one(plan, "H8").detail == detail
    assert decode_plan(Members(encode_plan(plan), "plan")) == plan


def test_a_schedule_that_only_changes_its_zone_has_each_date_by_its_own_clock() -> None:
    before, after = schedule("30 6 * * *"), schedule("30 6 * * *", more=BERLIN)
    plan = made({key("a"): text("a", after)}, {key("a"): text("a", before)}, now=NOON)
    assert one(plan, "H8").detail == "next fire was 2026-03-03 06:30 UTC, is 2026-03-03 06:30 UTC+01:00"
