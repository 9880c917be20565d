"""The trees that expressions read: shared within a turn, and left alone once somebody else holds them."""

from __future__ import annotations

from flowctl.engine.executor.expressions.context import variables_of
from flowctl.engine.executor.records.definition import compile_flow
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution, TaskRun, set_run_state
from flowctl.engine.executor.records.states import CREATED, RUNNING, SUCCESS

EACH = {"id": "each", "type": "io.kestra.plugin.core.flow.ForEach", "values": ["x", "y"], "tasks": []}


def live() -> Live:
    definition = compile_flow({"id": "f", "namespace": "n", "tasks": [EACH]}, 1, lambda _: True)
    return Live(Execution("e", "n", "f", 1, [(RUNNING, 1)]), definition)


def add(found: Live, number: int) -> TaskRun:
    run = TaskRun(f"r{number}", "item", None, [(CREATED, 1)], value=f"v{number}", outputs={"number": number})
    found.execution.add(run)
    found.note(run)
    return run


def test_what_was_handed_out_before_a_snapshot_does_not_change_after_it() -> None:
    found = live()
    run = add(found, 0)
    held = variables_of(found, run)
    found.snapshot()
    set_run_state(found.execution, run, SUCCESS, 2)
    found.note(run)
    add(found, 1)
    assert held["outputs"] == {"item": {"v0": {"number": 0}}}
    assert held["tasks"] == {"item": {"v0": {"state": CREATED}}}
    assert found.outputs == {"item": {"v0": {"number": 0}, "v1": {"number": 1}}}
    assert found.states == {"item": {"v0": {"state": SUCCESS}, "v1": {"state": CREATED}}}


def test_tasks_that_are_handed_over_together_share_what_they_see() -> None:
    found = live()
    held = [variables_of(found, add(found, number)) for number in range(3)]
    assert held[0]["outputs"] is held[1]["outputs"] is held[2]["outputs"]


def test_a_run_whose_task_has_no_outputs_yet_does_not_change_the_trees() -> None:
    found = live()
    other = TaskRun("o", "other", None, [(CREATED, 1)])
    assert variables_of(found, other)["outputs"] == {"other": {}}
    assert found.outputs == {}


def test_a_snapshot_holds_for_the_execution_around_an_iteration() -> None:
    outer = live()
    inner = Live(outer.execution, outer.definition, outer)
    run = add(outer, 0)
    held = inner.all_outputs
    inner.snapshot()
    run.outputs = {"number": 5}
    outer.note(run)
    assert held == {"item": {"v0": {"number": 0}}}


def test_a_run_without_outputs_has_no_entry_under_its_item() -> None:
    found = live()
    skipped = TaskRun("s", "item", None, [(CREATED, 1)], value="skipped")
    found.execution.add(skipped)
    found.note(skipped)
    assert found.outputs == {"item": {}}
    assert found.states == {"item": {"skipped": {"state": CREATED}}}
    add(found, 0)
    assert found.outputs == {"item": {"v0": {"number": 0}}}
