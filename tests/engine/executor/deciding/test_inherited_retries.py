"""Retries that tasks have from the flow or from a group around them, with the real executor."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.records.records import Execution
from tests.engine.running import Engine, flow, states

RETRY = "{type: constant, interval: PT0.01S, maxAttempts: 2, warningOnRetry: true}"
FAIL = "type: io.kestra.plugin.core.execution.Fail"
GROUP = "  - id: g\n    type: io.kestra.plugin.core.flow.Sequential\n    tasks:\n"
ONCE = 'condition: "{{ taskrun.attemptsCount < 1 }}"'


def attempts(ended: Execution) -> dict[str, int]:
    return {run.task_id: len(run.attempts) for run in ended.runs.values()}


@pytest.mark.parametrize("of_group", [False, True])
def test_a_task_that_may_fail_is_not_tried_again_by_an_inherited_retry(running: Engine, of_group: bool) -> None:
    may = f"      - {{id: may, {FAIL}, allowFailure: true}}\n"
    own = f"      - {{id: own, {FAIL}, retry: {RETRY}, allowFailure: true}}\n"
    tasks = GROUP + may + own
    tasks += f"    retry: {RETRY}\n" if of_group else ""
    ended = running.run(flow(tasks, "" if of_group else f"retry: {RETRY}\n"))
    assert attempts(ended) == {"g": 1, "may": 1, "own": 2}
    assert states(ended) == {"g": "WARNING", "may": "WARNING", "own": "WARNING"}


def test_a_retry_of_the_flow_leaves_no_warning(running: Engine) -> None:
    ended = running.run(flow(f"  - {{id: once, {FAIL}, {ONCE}}}\n", f"retry: {RETRY}\n"))
    assert (ended.state, states(ended), attempts(ended)) == ("SUCCESS", {"once": "SUCCESS"}, {"once": 2})
