"""How an apply ended: as text, JSON and events."""

from __future__ import annotations

import json
from dataclasses import replace

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action, Content
from flowctl.model.progress import Progress, Step
from flowctl.model.report import ApplyReport, Outcome, Result
from flowctl.views.plans.three_way import three_way_text
from flowctl.views.reports.events import plan_events, progress_event, report_events
from flowctl.views.reports.json import report_json
from flowctl.views.reports.text import finished_line, report_text, waiting_line
from tests.planning.sample import NOW
from tests.views.golden import assert_golden
from tests.views.plans import ETL, ETL_OLD, full_plan, refused_plan, report

PLAN = full_plan()
WELL, BADLY = report(PLAN, failed=False), report(PLAN, failed=True)
STOPPED = replace(
    BADLY, interrupted=True, problems=(Diagnostic("A109", "error", "the ledger could not be written", "why", "again"),)
)


def test_text_of_success() -> None:
    assert report_text(WELL, PLAN) == "Apply complete! 3 added, 7 changed, 2 deleted, 1 adopted, 1 forgotten.\n"


def test_text_of_nothing() -> None:
    assert report_text(ApplyReport("p", (), 1)) == "Apply complete! There was nothing to do.\n"


def test_text_of_failure() -> None:
    assert_golden("report_failed.txt", report_text(BADLY, PLAN))


def test_text_of_an_interruption_in_colour() -> None:
    assert_golden("report_stopped_colour.txt", report_text(STOPPED, PLAN, colour=True))


def test_json_has_every_object_exactly_once() -> None:
    assert_golden("report_failed.json", report_json(BADLY))
    document = json.loads(report_json(STOPPED))
    assert [result["object"] for result in document["results"]] == [change.key.address for change in PLAN.changes]
    assert (document["ok"], document["interrupted"]) == (False, True)


def test_one_line_for_each_finished_object() -> None:
    lines = [finished_line(change, result) for change, result in zip(PLAN.changes, BADLY.results, strict=True)]
    assert_golden("finished.txt", "\n".join(lines) + "\n")
    assert waiting_line("ada", "laptop", 1) == "Waiting for the lock: ada@laptop is applying 1 object."


def test_events_of_a_whole_apply() -> None:
    pairs = list(zip(PLAN.changes, BADLY.results, strict=True))
    events = [
        *plan_events(PLAN, "0.1.0", NOW),
        progress_event(Progress(Step.LOCKED), NOW),
        *(progress_event(Progress(Step.START, change), NOW) for change, _ in pairs),
        *(progress_event(Progress(Step.FINISH, change, result), NOW) for change, result in pairs),
        progress_event(Progress(Step.NOTE, diagnostic=Diagnostic("A1", "info", "a note")), NOW),
        *report_events(BADLY, NOW),
    ]
    assert_golden("events.jsonl", "\n".join(events) + "\n")
    heads = [json.loads(event) for event in events]
    assert all({"@level", "@message", "@module", "@timestamp", "type"} <= head.keys() for head in heads)
    kinds = [head["type"] for head in heads]
    assert (kinds[0], kinds[-1]) == ("version", "change_summary")
    assert (kinds.count("apply_errored"), kinds.count("planned_change")) == (2, len(PLAN.changes))


def test_refusals_are_events_too() -> None:
    kinds = [json.loads(event) for event in plan_events(refused_plan(), "0.1.0", NOW)]
    assert [event["diagnostic"]["code"] for event in kinds if event["type"] == "diagnostic"] == ["P101", "H3", "P106"]


def test_three_way() -> None:
    change = next(change for change in PLAN.changes if change.key == ETL)
    now = Content("f" * 64, 8, source=ETL_OLD.replace("message: load", "message: by hand"))
    assert_golden("three_way.txt", three_way_text(change, now))
    assert "now:          not there" in three_way_text(change, None)
    assert "\x1b[" in three_way_text(change, now, colour=True)


def test_what_was_not_attempted_for_one_reason_is_folded() -> None:
    error = Diagnostic("A114", "error", "it was not attempted: the apply was interrupted")
    results = tuple(
        Result(FlowKey("dev", f"f{number}"), Action.CREATE, Outcome.NOT_ATTEMPTED, error=error) for number in range(300)
    )
    said = report_text(ApplyReport("p", results, 1, interrupted=True))
    assert said.count("not attempted: create flow dev/f") == 10
    assert "\nnot attempted: 290 more, for the same reason\n" in said
    assert "300 not attempted." in said
