"""H13 and H25 to H27, and the rows of what runs."""

from __future__ import annotations

import pytest

from flowctl.flowtext.digests import text_digest
from flowctl.model.ledger import Lock, Stopped
from flowctl.model.live import LiveTrigger
from tests.planning.hazards.worlds import change, key, made, one, refused, said, schedule, text
from tests.planning.sample import NOW

BUSY = {key("a"): {"RUNNING": 2, "QUEUED": 1}}
LIMIT = "concurrency:\n  limit: {limit}\n  behavior: {behavior}\n"


def test_h13_warns_when_a_change_enables_what_was_switched_off() -> None:
    plan = made({key("a"): text("a")}, {key("a"): text("a", "disabled: true\n")})
    assert one(plan, "H13").severity == "warning"
    assert [row.text for row in change(plan, "a").impact.runtime] == [
        "the flow is disabled, and is enabled by this change"
    ]


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ({"RUNNING": 1}, "1 execution runs,"),
        ({"RUNNING": 2}, "2 executions run,"),
        ({"QUEUED": 1}, "1 execution waits,"),
        ({"RUNNING": 1, "QUEUED": 3}, "1 execution runs and 3 wait,"),
        ({"RUNNING": 3, "QUEUED": 1}, "3 executions run and 1 waits,"),
    ],
)
def test_h25_counts_in_words(states: dict[str, int], says: str) -> None:
    plan = made({}, {key("a"): text("a")}, executions={key("a"): states})
    assert one(plan, "H25").summary.startswith(says)


def test_h25_blocks_the_deletion_of_a_flow_that_runs() -> None:
    plan = made({}, {key("a"): text("a")}, executions=BUSY)
    assert "H25" in refused(plan) and one(plan, "H25").summary.startswith("2 executions run and 1 waits,")
    assert said(made({}, {key("a"): text("a")}, executions={}), "H25") == []


def test_h25_says_when_the_server_does_not_tell() -> None:
    plan = made({}, {key("a"): text("a")}, executions=None)
    assert one(plan, "H25").severity == "info" and "not checkable" in one(plan, "H25").summary


def test_h26_informs_of_runs_of_a_changed_flow() -> None:
    plan = made({key("a"): text("a", "description: x\n")}, {key("a"): text("a")}, executions=BUSY)
    assert one(plan, "H26").severity == "info"
    assert [(row.kind, row.count) for row in change(plan, "a").impact.runtime] == [("running", 2), ("queued", 1)]


def test_h27_warns_of_a_lower_limit_and_of_lost_runs() -> None:
    before = {key("a"): text("a", LIMIT.format(limit=5, behavior="QUEUE"))}
    lower = made({key("a"): text("a", LIMIT.format(limit=2, behavior="QUEUE"))}, before, executions=BUSY)
    assert one(lower, "H27").summary == "concurrency: the limit goes from 5 to 2"
    loses = made({key("a"): text("a", LIMIT.format(limit=5, behavior="CANCEL"))}, before)
    assert "CANCEL" in one(loses, "H27").summary
    assert said(made({key("a"): text("a", LIMIT.format(limit=9, behavior="QUEUE"))}, before), "H27") == []


def test_rows_name_paused_triggers_and_backfills() -> None:
    before = {key("a"): text("a", schedule("0 5 * * *"))}
    state = (LiveTrigger(key("a"), "daily", True, backfill=True),)
    plan = made({key("a"): text("a", "description: x\n" + schedule("0 5 * * *"))}, before, triggers=state)
    assert [row.kind for row in change(plan, "a").impact.runtime] == ["paused", "backfill"]


def test_h13_is_silent_about_what_a_drain_that_was_cut_short_disabled() -> None:
    off = text("a", "disabled: true\n")
    stopped = Stopped(key("a"), 1, text_digest(text("a")), text_digest(off))
    lock = Lock("l", "ann", "desk", NOW, NOW, "p", stopped=(stopped,))
    assert said(made({key("a"): text("a")}, {key("a"): off}, lock=lock), "H13") == []
