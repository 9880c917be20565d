"""Decisions over records made by hand: nothing is run, stored or rendered."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.deciding.decide import decide
from flowctl.engine.executor.deciding.decision import Decision
from flowctl.engine.executor.deciding.looping import attempt_began
from flowctl.engine.executor.records.definition import Definition, compile_flow
from flowctl.engine.executor.records.records import Attempt, Execution, TaskRun
from flowctl.flowtext.document import parse

NOW = 1_000_000


def definition(tasks: str, extra: str = "") -> Definition:
    value = parse(f"id: f\nnamespace: n\n{extra}tasks:\n{tasks}").value
    assert isinstance(value, dict)
    return compile_flow(value, 1, lambda _: True)


def execution(state: str = "RUNNING") -> Execution:
    return Execution("e", "n", "f", 1, [("CREATED", 0), (state, 1)])


def add(
    into: Execution, task: str, state: str, parent: str | None = None, value: str | None = None, **memo: object
) -> TaskRun:
    id_ = task if value is None else f"{task}-{value}"
    run = TaskRun(id_, task, parent, [("CREATED", 0), (state, 1)], value, memo=dict(memo))
    into.add(run)
    return run


def created(decision: Decision) -> list[str]:
    return [new.node.id for new in decision.create]


def ended(decision: Decision) -> dict[str, str]:
    return {run.task_id: state for run, state in (*decision.finish, *decision.close)}


LOG = "type: io.kestra.plugin.core.log.Log, message: m"
FLOW = "io.kestra.plugin.core.flow."
THREE = f"  - {{id: a, {LOG}}}\n  - {{id: b, {LOG}}}\n  - {{id: c, {LOG}}}\n"
GROUP = "      - {{id: {}, type: io.kestra.plugin.core.log.Log, message: m}}\n"


def group(kind: str, children: str = "abc", extra: str = "") -> str:
    lines = "".join(GROUP.format(child) for child in children)
    return f"  - id: g\n    type: {FLOW}{kind}\n{extra}    tasks:\n{lines}"


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


def test_a_parallel_creates_all_children_in_order() -> None:
    one = execution()
    add(one, "g", "RUNNING")
    assert created(decide(definition(group("Parallel")), one, NOW)) == ["a", "b", "c"]


def test_a_parallel_keeps_to_its_limit() -> None:
    one = execution()
    add(one, "g", "RUNNING", concurrent=2)
    flow = definition(group("Parallel"))
    assert created(decide(flow, one, NOW)) == ["a", "b"]
    add(one, "a", "SUCCESS", "g")
    add(one, "b", "RUNNING", "g", busy=True)
    assert created(decide(flow, one, NOW)) == ["c"]


def test_a_parallel_over_its_limit_starts_nothing() -> None:
    one = execution()
    add(one, "g", "RUNNING", concurrent=1)
    for child in "ab":
        add(one, child, "RUNNING", "g", busy=True)
    assert decide(definition(group("Parallel")), one, NOW).empty


def test_a_failed_parallel_ends_its_running_children_in_its_own_state() -> None:
    one = execution()
    add(one, "g", "RUNNING")
    add(one, "a", "FAILED", "g")
    busy = add(one, "b", "RUNNING", "g", busy=True)
    decision = decide(definition(group("Parallel")), one, NOW)
    assert ended(decision) == {"g": "FAILED", "b": "FAILED"}
    assert decision.interrupt == [busy]


def test_a_failed_group_is_a_warning_with_allow_failure() -> None:
    one = execution()
    add(one, "g", "RUNNING")
    add(one, "a", "FAILED", "g")
    decision = decide(definition(group("Sequential", extra="    allowFailure: true\n")), one, NOW)
    assert ended(decision) == {"g": "WARNING"}


def test_a_dag_waits_for_dependencies_and_not_for_disabled_ones() -> None:
    members = (
        f"  - id: g\n    type: {FLOW}Dag\n    tasks:\n"
        f"      - task: {{id: a, {LOG}}}\n"
        f"      - task: {{id: off, disabled: true, {LOG}}}\n"
        f"      - {{task: {{id: b, {LOG}}}, dependsOn: [a, off]}}\n"
        f"      - {{task: {{id: c, {LOG}}}, dependsOn: [off]}}\n"
    )
    flow, one = definition(members), execution()
    add(one, "g", "RUNNING")
    assert created(decide(flow, one, NOW)) == ["a", "c"]
    add(one, "a", "SKIPPED", "g")
    add(one, "c", "SUCCESS", "g")
    assert created(decide(flow, one, NOW)) == ["b"]


def test_an_if_works_on_the_branch_it_remembers() -> None:
    text = (
        f"  - id: g\n    type: {FLOW}If\n    condition: 'x'\n    then:\n{GROUP.format('big')}    else:\n"
        f"{GROUP.format('small')}"
    )
    for branch, child in ((True, "big"), (False, "small")):
        one = execution()
        add(one, "g", "RUNNING", branch=branch)
        assert created(decide(definition(text), one, NOW)) == [child]


def test_a_group_whose_children_are_all_disabled_succeeds() -> None:
    text = f"  - id: g\n    type: {FLOW}Sequential\n    tasks:\n      - {{id: a, disabled: true, {LOG}}}\n"
    one = execution()
    add(one, "g", "RUNNING")
    assert ended(decide(definition(text), one, NOW)) == {"g": "SUCCESS"}


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
