"""What waits for a time or for somebody: retries, pauses, sleeps, approvals."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.deciding.decide import decide
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.records import Execution
from tests.engine.executor.deciding.records import (
    FLOW,
    LOG,
    NOW,
    THREE,
    add,
    created,
    definition,
    ended,
    execution,
    group,
)


def test_a_waiting_retry_is_started_when_it_is_due() -> None:
    flow, one = definition(THREE), execution()
    run = add(one, "a", "RETRYING", retry_at=NOW + 10)
    waiting = decide(flow, one, NOW)
    assert (waiting.state, waiting.wake, waiting.start) == ("RETRYING", NOW + 10, [])
    assert decide(flow, one, NOW + 10).start == [run]


@pytest.mark.parametrize("kind", ["Sequential", "Parallel", "AllowFailure", "LoopUntil"])
def test_a_group_waits_for_the_retry_of_its_child(kind: str) -> None:
    flow, one = definition(group(kind, "a", "    condition: x\n" if kind == "LoopUntil" else "")), execution()
    add(one, "g", "RUNNING")
    add(one, "a", "RETRYING", "g", retry_at=NOW + 10)
    assert decide(flow, one, NOW).state == "RETRYING"


def test_what_runs_beside_a_retry_keeps_the_execution_running() -> None:
    flow, one = definition(group("Parallel", "ab")), execution()
    add(one, "g", "RUNNING")
    add(one, "a", "RETRYING", "g", retry_at=NOW + 10)
    add(one, "b", "RUNNING", "g", busy=True)
    assert decide(flow, one, NOW).state is None


def test_a_failing_finally_of_a_foreach_starts_no_errors() -> None:
    more = f"    values: [x]\n    errors: [{{id: e, {LOG}}}]\n    finally: [{{id: z, {LOG}}}]\n"
    flow, one = definition(group("ForEach", "a", more)), execution()
    add(one, "g", "RUNNING", items=["1"], limit=1)
    add(one, "a", "SUCCESS", "g", "1")
    add(one, "z", "FAILED", "g")
    decision = decide(flow, one, NOW)
    assert created(decision) == []
    assert ended(decision) == {"g": "SUCCESS"}


def test_a_pause_ends_by_its_behaviour_when_its_time_is_over() -> None:
    flow, one = definition(f"  - {{id: a, type: {FLOW}Pause}}\n"), execution()
    add(one, "a", "PAUSED", until=NOW + 10, behavior="WARN")
    waiting = decide(flow, one, NOW)
    assert (waiting.state, waiting.wake) == ("PAUSED", NOW + 10)
    assert ended(decide(flow, one, NOW + 10)) == {"a": "WARNING"}


@pytest.mark.parametrize(("tolerant", "state"), [(False, "FAILED"), (True, "WARNING")])
def test_a_pause_fails_when_its_time_limit_is_over(tolerant: bool, state: str) -> None:
    more = ", allowFailure: true" if tolerant else ""
    flow, one = definition(f"  - {{id: a, type: {FLOW}Pause{more}}}\n"), execution()
    add(one, "a", "PAUSED", until=NOW + 20, timeout_at=NOW + 10)
    assert decide(flow, one, NOW).wake == NOW + 10
    assert ended(decide(flow, one, NOW + 10)) == {"a": state}


@pytest.mark.parametrize(("until", "limit", "first"), [(20, 10, 10), (10, 20, 10)])
def test_a_sleep_wakes_at_its_end_or_its_time_limit(until: int, limit: int, first: int) -> None:
    flow, one = definition(f"  - {{id: a, type: {FLOW}Sleep, duration: PT1S}}\n"), execution()
    add(one, "a", "RUNNING", until=NOW + until, timeout_at=NOW + limit)
    assert decide(flow, one, NOW).wake == NOW + first
    assert ended(decide(flow, one, NOW + first)) == {"a": "SUCCESS" if until < limit else "FAILED"}


def asking(*, state: str, **memo: object) -> tuple[Definition, Execution]:
    """An Approval with a task for each of its lists, in a state."""
    lists = "".join(f"    {name}: [{{id: {name}1, {LOG}}}]\n" for name in ("onWait", "onApprove", "onDeny"))
    one = execution()
    add(one, "g", state, **memo)
    return definition(f"  - id: g\n    type: {FLOW}Approval\n{lists}"), one


def test_an_approval_goes_on_with_what_waits_until_its_time_is_over() -> None:
    flow, one = asking(state="PAUSED", until=NOW + 10)
    waiting = decide(flow, one, NOW)
    assert (created(waiting), waiting.wake) == (["onWait1"], NOW + 10)
    assert ended(decide(flow, one, NOW + 10)) == {"g": "SUCCESS"}


@pytest.mark.parametrize(("decision", "task"), [("APPROVED", "onApprove1"), ("DENIED", "onDeny1")])
def test_a_decision_lets_what_waits_finish_and_begins_what_belongs_to_it(decision: str, task: str) -> None:
    flow, one = asking(state="RUNNING", decision=decision)
    add(one, "onWait1", "RUNNING", "g", busy=True)
    assert decide(flow, one, NOW).empty
    flow, one = asking(state="RUNNING", decision=decision)
    add(one, "onWait1", "SUCCESS", "g")
    assert created(decide(flow, one, NOW)) == [task]


def test_a_manual_pause_lets_nothing_new_start() -> None:
    one = execution("PAUSED")
    one.memo["paused"] = True
    assert decide(definition(THREE), one, NOW).empty


def test_time_goes_on_for_what_runs_in_a_manual_pause() -> None:
    flow, one = definition(f"  - {{id: a, type: {FLOW}Sleep, duration: PT1S}}\n"), execution("PAUSED")
    one.memo["paused"] = True
    add(one, "a", "RUNNING", until=NOW + 10)
    assert decide(flow, one, NOW).wake == NOW + 10
    assert ended(decide(flow, one, NOW + 10)) == {"a": "SUCCESS"}
