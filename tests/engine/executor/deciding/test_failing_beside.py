"""A Parallel or Dag one of whose members has failed: what becomes of members that wait for a retry.

As seen on a real 2.0: the retry that is waited for is made, and none after it.
"""

from __future__ import annotations

import pytest

from flowctl.engine.executor.deciding.decide import decide
from flowctl.engine.executor.records.records import Execution
from tests.engine.executor.deciding.records import NOW, add, created, definition, ended, execution, group
from tests.engine.running import Engine, flow, states

CORE = "io.kestra.plugin.core."
FAIL = f"type: {CORE}execution.Fail"


def retry(times: int) -> str:
    return f"retry: {{type: constant, interval: PT0.05S, maxAttempts: {times}}}"


def attempts(found: Execution) -> dict[str, int]:
    return {run.task_id: len(run.attempts) for run in found.runs.values()}


def parallel(*members: str, more: str = "") -> str:
    return f"  - id: all\n    type: {CORE}flow.Parallel\n{more}    tasks:\n" + "".join(
        f"      - {m}\n" for m in members
    )


@pytest.mark.parametrize("branch", ["", "    errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: m}]\n"])
def test_a_failed_parallel_waits_for_the_retry_of_a_member(branch: str) -> None:
    spec, one = definition(group("Parallel", "ab", branch)), execution()
    add(one, "g", "RUNNING")
    add(one, "a", "RETRYING", "g", retry_at=NOW + 7)
    add(one, "b", "FAILED", "g")
    waiting = decide(spec, one, NOW)
    assert (ended(waiting), created(waiting), waiting.wake) == ({}, [], NOW + 7)


@pytest.mark.parametrize("allowed", [2, 5])
@pytest.mark.parametrize("first", [True, False])
def test_it_is_tried_once_more_and_then_no_more(running: Engine, allowed: int, first: bool) -> None:
    members = [f"{{id: again, {FAIL}, {retry(allowed)}}}", f"{{id: bad, {FAIL}}}"]
    found = running.run(flow(parallel(*(members if first else members[::-1]))))
    assert (found.state, attempts(found)) == ("FAILED", {"all": 1, "again": 2, "bad": 1})


def test_a_member_of_a_dag_is_tried_once_more(running: Engine) -> None:
    tasks = f"      - task: {{id: x, {FAIL}, {retry(3)}}}\n      - task: {{id: y, {FAIL}}}\n"
    found = running.run(flow(f"  - id: net\n    type: {CORE}flow.Dag\n    tasks:\n{tasks}"))
    assert attempts(found) == {"net": 1, "x": 2, "y": 1}


def test_a_retry_that_succeeds_is_a_success_in_a_failed_parallel(running: Engine) -> None:
    once = 'condition: "{{ taskrun.attemptsCount < 1 }}"'
    found = running.run(flow(parallel(f"{{id: bad, {FAIL}}}", f"{{id: once, {FAIL}, {once}, {retry(2)}}}")))
    assert states(found) == {"all": "FAILED", "bad": "FAILED", "once": "SUCCESS"}


def test_a_retry_in_the_errors_of_a_parallel_is_made_as_often_as_it_says(running: Engine) -> None:
    errors = f"    errors: [{{id: repair, {FAIL}, {retry(3)}}}]\n"
    found = running.run(flow(parallel(f"{{id: bad, {FAIL}}}", more=errors)))
    assert attempts(found) == {"all": 1, "bad": 1, "repair": 3}
