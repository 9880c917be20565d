"""ForEach and Loop: which items begin, and what a failed one does to the others."""

from __future__ import annotations

from flowctl.engine.executor.deciding.decide import decide
from flowctl.engine.executor.deciding.looping import attempt_began
from flowctl.engine.executor.records.records import Attempt
from tests.engine.executor.deciding.records import FLOW, LOG, NOW, add, definition, ended, execution, group


def test_items_without_tasks_succeed() -> None:
    text = f"  - id: g\n    type: {FLOW}ForEach\n    values: [x]\n    tasks: [{{id: a, disabled: true, {LOG}}}]\n"
    one = execution()
    add(one, "g", "RUNNING", items=["x"])
    assert ended(decide(definition(text), one, NOW)) == {"g": "SUCCESS"}


def test_each_item_goes_through_its_tasks_within_the_limit() -> None:
    flow, one = definition(group("ForEach", "ab", "    values: [x]\n")), execution()
    add(one, "g", "RUNNING", items=["1", "2", "3"], limit=1)
    first = decide(flow, one, NOW)
    assert [(new.node.id, new.value, new.iteration) for new in first.create] == [("a", "1", 0)]
    add(one, "a", "SUCCESS", "g", "1")
    assert [(new.node.id, new.value) for new in decide(flow, one, NOW).create] == [("b", "1")]
    add(one, "b", "SUCCESS", "g", "1")
    assert [(new.node.id, new.value, new.iteration) for new in decide(flow, one, NOW).create] == [("a", "2", 1)]


def test_a_failed_item_stops_new_items() -> None:
    flow, one = definition(group("ForEach", "a", "    values: [x]\n")), execution()
    add(one, "g", "RUNNING", items=["1", "2"], limit=1)
    add(one, "a", "FAILED", "g", "1")
    assert ended(decide(flow, one, NOW)) == {"g": "FAILED"}


def test_a_loop_starts_iterations_within_its_limit_and_counts_them() -> None:
    flow, one = definition(group("Loop", "a", "    values: [x]\n")), execution()
    run = add(one, "g", "RUNNING", count=5, started=0, ended=0, failed=0, limit=2)
    assert [index for _, index in decide(flow, one, NOW).spawn] == [0, 1]
    run.memo.update(started=2, ended=1)
    assert [index for _, index in decide(flow, one, NOW).spawn] == [2]
    run.memo.update(started=5, ended=5)
    assert ended(decide(flow, one, NOW)) == {"g": "SUCCESS"}


def test_a_failed_iteration_fails_the_loop_and_interrupts_the_others() -> None:
    flow, one = definition(group("Loop", "a", "    values: [x]\n")), execution()
    run = add(one, "g", "RUNNING", count=5, started=3, ended=1, failed=1, limit=0)
    decision = decide(flow, one, NOW)
    assert ended(decision) == {"g": "FAILED"}
    assert decision.interrupt == [run]


def test_a_failed_iteration_that_fails_no_other_makes_room_for_the_next() -> None:
    flow, one = definition(group("Loop", "a", "    values: [x]\n")), execution()
    add(one, "g", "RUNNING", count=5, started=3, ended=1, failed=1, limit=2, transmit=False)
    assert [index for _, index in decide(flow, one, NOW).spawn] == [3]


def test_a_loop_that_was_left_starts_nothing_and_waits_for_what_it_has_started() -> None:
    flow, one = definition(group("Loop", "a", "    values: [x]\n")), execution()
    run = add(one, "g", "RUNNING", count=5, started=3, ended=2, failed=0, limit=0, broke=True)
    assert decide(flow, one, NOW).empty
    run.memo.update(ended=3)
    assert ended(decide(flow, one, NOW)) == {"g": "SUCCESS"}


def test_the_iterations_of_a_loop_are_those_of_its_last_attempt() -> None:
    run = add(execution(), "g", "RUNNING")
    assert attempt_began(run) == 0
    run.attempts = [Attempt([("CREATED", 3), ("FAILED", 4)]), Attempt([("CREATED", 5), ("RUNNING", 6)])]
    assert attempt_began(run) == 5
