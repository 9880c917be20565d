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


def moves(running: Engine, tasks: str) -> dict[str, list[str]]:
    """The states that the task runs of an execution came through."""
    ended = running.run(flow(tasks))
    return {run.task_id: [state for state, _ in run.history] for run in ended.runs.values()}


def test_what_no_worker_is_given_is_not_submitted(running: Engine) -> None:
    labels = "{id: label, type: io.kestra.plugin.core.execution.Labels, labels: {a: b}}"
    said = "{id: said, type: io.kestra.plugin.core.log.Log, message: x}"
    inside = f"{{id: place, type: io.kestra.plugin.core.flow.WorkingDirectory, tasks: [{said}]}}"
    found = moves(running, f"  - {labels}\n  - {inside}\n  - {said.replace('said', 'other')}\n")
    assert [name for name, states in found.items() if "SUBMITTED" in states] == ["other"]
