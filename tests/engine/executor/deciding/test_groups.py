"""Parallel, Dag, If: which children are next, and how a group ends."""

from __future__ import annotations

from flowctl.engine.executor.deciding.decide import decide
from tests.engine.executor.deciding.records import (
    FLOW,
    GROUP,
    LOG,
    NOW,
    add,
    created,
    definition,
    ended,
    execution,
    group,
)


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
