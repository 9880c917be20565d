"""Schedules, callers and interfaces as data of a change, in every view and in the plan file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flowctl.model.live import LiveTrigger
from flowctl.model.plan import Plan
from flowctl.planfile.codec import dumps, loads
from flowctl.views.plans.json import plan_json
from flowctl.views.plans.markdown import plan_markdown
from flowctl.views.plans.text import plan_text
from tests.planning.hazards.worlds import change, key, made, schedule, subflow, text
from tests.views.golden import assert_golden

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
INPUT = "inputs:\n  - id: day\n    type: INT\n    defaults: 1\n"


def plan() -> Plan:
    before = {
        key("child"): text("child", schedule("0 5 * * *")),
        key("parent"): text("parent", tasks=subflow("child")),
        key("top"): text("top", schedule("0 4 * * *"), tasks=subflow("parent")),
        key("old"): text("old", schedule("0 * * * *", "hourly")),
    }
    after = {**before, key("child"): text("child", INPUT + schedule("*/30 * * * *"))}
    del after[key("old")]
    state = (LiveTrigger(key("top"), "daily", False, next_date=DUE),)
    return made(after, before, now=NOON, triggers=state, executions={key("child"): {"RUNNING": 1}})


def test_callers_are_direct_and_indirect_with_their_next_run() -> None:
    callers = change(plan(), "child").impact.callers
    assert [(str(one.flow), one.depth, one.next_run) for one in callers] == [
        ("dev/parent", 1, None),
        ("dev/top", 2, DUE),
    ]


def test_schedules_are_counted_over_the_plan() -> None:
    members = json.loads(plan_json(plan()))
    assert members["runsADay"] == 48 - 1 - 24
    hourly = change(plan(), "old").impact.schedules[0]
    assert (hourly.effect, hourly.daily_before, hourly.daily_after, hourly.after) == ("deleted", 24.0, 0.0, ())
    assert len(hourly.before) == 10 and len(hourly.lost) == 23


def test_a_dense_schedule_is_counted_without_walking_through_it() -> None:
    made_plan = made({key("a"): text("a", schedule("* 9-17 * * 1-5"))}, now=NOON)
    assert round(change(made_plan, "a").impact.schedules[0].daily_after, 2) == round(540 * 5 / 7, 2)


def test_the_impact_survives_the_plan_file() -> None:
    assert loads(dumps(plan())) == plan()


def test_views() -> None:
    assert_golden("plan_impact.txt", plan_text(plan()))
    assert_golden("plan_impact.md", plan_markdown(plan()))
    assert_golden("plan_impact.json", plan_json(plan()))


def test_callers_of_callers_elsewhere_count_and_what_is_not_told_is_said() -> None:
    before, after = {key("a"): text("a")}, {key("a"): text("a", "description: x\n")}
    near, far = key("near", "other"), key("far", "beyond")
    calls = ((near, "subflow", key("a")), (far, "subflow", near))
    impact = change(made(after, before, calls=calls, unasked=("beyond", "elsewhere")), "a").impact
    assert [(str(one.flow), one.depth) for one in impact.callers] == [("other/near", 1), ("beyond/far", 2)]
    assert [(row.kind, row.text) for row in impact.runtime] == [
        ("unseen", "who calls flows of beyond is not checkable, for it does not tell")
    ]
    assert change(made(after, before, calls=calls), "a").impact.runtime == ()
