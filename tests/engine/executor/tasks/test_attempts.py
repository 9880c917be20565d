"""The states of the attempts of a task run."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, states

FAIL = "type: io.kestra.plugin.core.execution.Fail"


@pytest.mark.parametrize(
    ("rule", "state"), [("allowFailure: true", "WARNING"), ("allowFailure: true, allowWarning: true", "SUCCESS")]
)
def test_an_attempt_that_failed_stays_so_when_the_run_may_fail(running: Engine, rule: str, state: str) -> None:
    ended = running.run(flow(f"  - {{id: bad, {FAIL}, {rule}}}\n"))
    (run,) = ended.runs.values()
    assert (states(ended), [attempt.state for attempt in run.attempts]) == ({"bad": state}, ["FAILED"])


def test_an_attempt_that_is_tried_again_in_a_new_execution_failed(running: Engine) -> None:
    retry = "retry: {type: constant, interval: PT0.01S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    ended = running.run(flow(f"  - {{id: bad, {FAIL}, {retry}}}\n"))
    (run,) = ended.runs.values()
    assert (run.state, [attempt.state for attempt in run.attempts]) == ("RETRIED", ["FAILED"])
