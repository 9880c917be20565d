"""The index of an each-task's values, against what the runs themselves say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.executor.records.records import Execution, TaskRun, set_run_state
from flowctl.engine.executor.records.states import CREATED, FAILED, RESTARTED, RUNNING, SUCCESS

STATES = (CREATED, RUNNING, SUCCESS, FAILED, RESTARTED)
STEPS = st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["x", "y", None]), st.sampled_from(STATES)), max_size=40)


def run(id_: str, value: str | None, state: str) -> TaskRun:
    return TaskRun(id=id_, task_id="t", parent_id=None, history=[(state, 1)], value=value)


@given(STEPS)
def test_open_runs_and_idle_values_are_those_that_the_runs_say(steps: list[tuple[int, str | None, str]]) -> None:
    execution = Execution("e", "n", "f", 1, [(RUNNING, 1)])
    for number, value, state in steps:
        found = execution.runs.get(f"r{number}")
        if found is None:
            execution.add(run(f"r{number}", value, state))
        else:
            set_run_state(execution, found, state, 2)
    group = execution.group(None)
    assert set(group.open) == {id_ for id_, one in execution.runs.items() if not one.terminal}
    values = {one.value for one in execution.runs.values() if one.value is not None}
    going = {one.value for one in group.open.values()}
    assert set(group.pending) == values
    assert set(group.idle) == values - going
    assert group.failed == sum(one.state == FAILED for one in execution.runs.values())


def test_a_value_that_is_done_with_comes_back_only_when_a_run_of_it_goes_on() -> None:
    execution = Execution("e", "n", "f", 1, [(RUNNING, 1)])
    one = run("r", "x", SUCCESS)
    execution.add(one)
    group = execution.group(None)
    del group.pending["x"], group.idle["x"]
    set_run_state(execution, one, FAILED, 2)
    assert not group.pending and not group.idle
    set_run_state(execution, one, RESTARTED, 3)
    assert set(group.pending) == {"x"} and not group.idle
