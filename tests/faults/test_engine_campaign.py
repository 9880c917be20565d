"""A small part of the campaign of kills against the engine, with a seed, and what its checks see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from flowctl.engine.executor.records.records import Attempt, Execution, TaskRun
from tests.faults.campaign.clients import Campaign
from tests.faults.campaign.truth import Outcome, Reported, judge
from tests.faults.engine_campaign import run, summary

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_nothing_is_lost_doubled_or_left_behind(tmp_path: Path) -> None:
    made, end = run(tmp_path.resolve(), rounds=4, total=60, seed=7)
    assert made.campaign.wrong == []
    assert len(made.campaign.expected) >= 10
    assert "findings: 0" in summary(made, end, 1.0)


def execution(id_: str, flow_id: str = "script", state: str = "SUCCESS", **more: object) -> Execution:
    return Execution(id_, "campaign", flow_id, 1, [("CREATED", 1), ("RUNNING", 2), (state, 3)], **more)  # type: ignore[arg-type]


def fired(id_: str, second: int, flow_id: str = "every-second") -> Execution:
    date = (START + timedelta(seconds=second)).isoformat()
    return execution(id_, flow_id, trigger={"variables": {"date": date}})


def outcome(directory: Path, *found: Execution, **more: object) -> Outcome:
    """An end with these executions, where all schedules fired as they should unless `found` says otherwise."""
    if not any(one.flow_id == "every-second" for one in found):
        found = (*found, *(fired(f"s{n}", n) for n in range(3)))
    found = (*found, *(fired(f"o{n}", n, "every-second-at-once") for n in range(3)))
    campaign = Campaign(directory, Random(1))
    end = Outcome(campaign, Reported(), {one.id: one for one in found}, {}, [], START, START + timedelta(seconds=2))
    for name, value in more.items():
        setattr(end if hasattr(end, name) else campaign, name, value)
    return end


def attempted(times: int) -> Execution:
    made = execution("a", "retry")
    made.add(TaskRun("r", "n1", None, [("SUCCESS", 3)], attempts=[Attempt([("SUCCESS", 3)])] * times))
    return made


def test_an_end_as_it_should_be_is_no_finding(tmp_path: Path) -> None:
    assert judge(outcome(tmp_path, execution("a"), expected={"a": "SUCCESS"})) == []


@pytest.mark.parametrize(
    ("found", "more", "words"),
    [
        ([], {"expected": {"a": "SUCCESS"}}, "a was acknowledged and is not there"),
        ([execution("a", state="FAILED")], {}, "ended FAILED, not SUCCESS"),
        ([execution("a", state="RUNNING")], {}, "ended RUNNING"),
        ([attempted(2)], {}, "made 2 attempts"),
        ([fired("a", 0), fired("b", 2)], {}, "has 0 executions for 2026-03-01 12:00:01"),
        ([fired("a", 0), fired("b", 0), fired("c", 1)], {}, "has 2 executions for 2026-03-01 12:00:00"),
        ([fired("a", -9), fired("b", -8)], {}, "fired from"),
        ([], {"hooks": {0: "a"}}, "webhook 0, answered with a, has 0 executions"),
        ([execution("a", "parent")], {}, "a of parent has 0 executions below, not 1"),
        ([execution("a", "plain")], {}, "was followed by 0 executions"),
        ([execution("a", "queued"), execution("b", "queued")], {}, "ran at the same time"),
        ([], {"left": {"steps": 2}}, "2 rows are left in steps"),
        ([], {"miscounted": ["the counters differ"]}, "the counters differ"),
    ],
)  # fmt: skip
def test_each_broken_promise_is_a_finding(
    tmp_path: Path, found: list[Execution], more: dict[str, object], words: str
) -> None:
    findings = judge(outcome(tmp_path, *found, **more))
    assert any(words in finding for finding in findings), findings


def test_a_task_that_ran_again_after_its_report_is_a_finding(tmp_path: Path) -> None:
    end = outcome(tmp_path, execution("a"))
    end.reported.counts["a", "r"] = 1
    (end.campaign.notes / "a.r").write_text("1\n2\n")
    assert judge(end) == ["('a', 'r') of script had reported after 1 runs and ran 2 times"]
