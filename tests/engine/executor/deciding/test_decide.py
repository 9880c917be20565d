"""Decisions over records made by hand: nothing is run, stored or rendered."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.deciding.decide import decide
from tests.engine.executor.deciding.records import LOG, NOW, THREE, add, created, definition, ended, execution, group


def test_a_created_execution_becomes_running_before_anything_starts() -> None:
    decision = decide(definition(THREE), execution("CREATED"), NOW)
    assert (decision.state, created(decision)) == ("RUNNING", [])


def test_a_scheduled_execution_waits_for_its_date() -> None:
    one = execution("CREATED")
    one.schedule_date = NOW + 5
    decision = decide(definition(THREE), one, NOW)
    assert decision.empty
    assert decision.wake == NOW + 5
    assert decide(definition(THREE), one, NOW + 5).admit


def test_a_sequence_creates_one_task_after_the_other() -> None:
    one = execution()
    assert created(decide(definition(THREE), one, NOW)) == ["a"]
    add(one, "a", "SUCCESS")
    assert created(decide(definition(THREE), one, NOW)) == ["b"]
    add(one, "b", "RUNNING", busy=True)
    assert decide(definition(THREE), one, NOW).empty


def test_the_execution_ends_with_its_worst_task() -> None:
    one = execution()
    for task, state in (("a", "SUCCESS"), ("b", "WARNING"), ("c", "SKIPPED")):
        add(one, task, state)
    assert decide(definition(THREE), one, NOW).end == "WARNING"


@pytest.mark.parametrize(
    ("states", "worst"),
    [(("CANCELLED", "FAILED"), "FAILED"), (("FAILED", "KILLED"), "KILLED"), (("CANCELLED", "WARNING"), "CANCELLED")],
)
def test_of_two_ends_the_worse_counts(states: tuple[str, str], worst: str) -> None:
    one = execution()
    for task, state in zip("ab", states, strict=True):
        add(one, task, state)
    flow = definition(f"  - {{id: a, {LOG}}}\n  - {{id: b, {LOG}}}\n")
    assert decide(flow, one, NOW).end == worst


def test_a_failure_without_handlers_ends_at_once() -> None:
    one = execution()
    add(one, "a", "FAILED")
    assert decide(definition(THREE), one, NOW).end == "FAILED"


def test_errors_then_finally_run_and_the_outcome_stays_failed() -> None:
    extra = f"errors:\n  - {{id: e1, {LOG}}}\n  - {{id: e2, {LOG}}}\nfinally:\n  - {{id: z, {LOG}}}\n"
    flow, one = definition(THREE, extra), execution()
    add(one, "a", "FAILED")
    assert created(decide(flow, one, NOW)) == ["e1"]
    add(one, "e1", "FAILED")
    assert created(decide(flow, one, NOW)) == ["e2"]
    add(one, "e2", "SUCCESS")
    assert created(decide(flow, one, NOW)) == ["z"]
    add(one, "z", "WARNING")
    assert decide(flow, one, NOW).end == "FAILED"


def test_errors_that_ran_are_the_end_though_the_failure_was_taken_back() -> None:
    flow, one = definition(THREE, f"errors:\n  - {{id: e, {LOG}}}\n"), execution()
    add(one, "a", "SUCCESS")
    add(one, "e", "SUCCESS")
    assert decide(flow, one, NOW).end == "SUCCESS"


def test_finally_does_not_change_a_success() -> None:
    flow, one = definition(f"  - {{id: a, {LOG}}}\n", f"finally:\n  - {{id: z, {LOG}}}\n"), execution()
    add(one, "a", "SUCCESS")
    assert created(decide(flow, one, NOW)) == ["z"]
    add(one, "z", "FAILED")
    assert decide(flow, one, NOW).end == "SUCCESS"


def test_killing_ends_what_waits_and_interrupts_what_runs() -> None:
    one = execution("KILLING")
    add(one, "g", "RUNNING")
    busy = add(one, "a", "RUNNING", "g", busy=True)
    add(one, "b", "PAUSED", "g")
    flow = definition(group("Parallel", "ab"))
    decision = decide(flow, one, NOW)
    assert decision.interrupt == [busy]
    assert ended(decision) == {"b": "KILLED"}
    assert decision.end is None


def test_killing_is_over_when_nothing_is_open() -> None:
    one = execution("KILLING")
    add(one, "a", "KILLED")
    assert decide(definition(THREE), one, NOW).end == "KILLED"


def test_a_time_limit_interrupts_the_task() -> None:
    one = execution()
    run = add(one, "a", "RUNNING", busy=True, timeout_at=NOW + 3)
    flow = definition(THREE)
    assert decide(flow, one, NOW).wake == NOW + 3
    assert decide(flow, one, NOW + 3).interrupt == [run]


def test_a_task_that_was_interrupted_is_not_interrupted_again() -> None:
    one = execution()
    add(one, "a", "RUNNING", busy=True, timeout_at=NOW + 3, interrupted="timeout")
    decision = decide(definition(THREE), one, NOW + 3)
    assert (decision.empty, decision.wake) == (True, None)


def test_after_execution_follows_the_end_without_changing_it() -> None:
    flow, one = definition(THREE, f"afterExecution:\n  - {{id: z, {LOG}}}\n"), execution("FAILED")
    decision = decide(flow, one, NOW)
    assert (created(decision), decision.end, decision.state) == (["z"], None, None)
    add(one, "z", "FAILED")
    assert decide(flow, one, NOW).empty


def test_nothing_follows_the_end_of_an_iteration_or_where_it_is_not_wanted() -> None:
    flow = definition(THREE, f"afterExecution:\n  - {{id: z, {LOG}}}\n")
    iteration, unwanted = execution("SUCCESS"), execution("SUCCESS")
    iteration.loop_run = {"taskId": "a"}
    unwanted.memo["no_after"] = True
    assert decide(flow, iteration, NOW).empty
    assert decide(flow, unwanted, NOW).empty


def test_a_breakpoint_is_the_state_also_beside_a_pause() -> None:
    one = execution()
    add(one, "g", "RUNNING")
    add(one, "a", "PAUSED", "g")
    add(one, "b", "BREAKPOINT", "g")
    assert decide(definition(group("Parallel", "ab")), one, NOW).state == "BREAKPOINT"


def test_the_same_records_give_the_same_decision() -> None:
    one = execution()
    add(one, "g", "RUNNING", concurrent=2)
    flow = definition(group("Parallel"))
    assert created(decide(flow, one, NOW)) == created(decide(flow, one, NOW))
    assert len(one.runs) == 1
