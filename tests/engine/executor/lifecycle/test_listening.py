"""Listeners of flows of before 2.0."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, states

CONDITION = "io.kestra.plugin.core.condition"
RETURN = "{id: a, type: io.kestra.plugin.core.debug.Return, format: x}"


def listening(conditions: str) -> str:
    """A flow that succeeds, with a listener under these conditions (a list in flow style, `@` for the package)."""
    listed = conditions.replace("@", f"{CONDITION}.")
    return flow(
        f"  - {RETURN}\n",
        f"listeners:\n  - conditions: {listed}\n    tasks: [{{id: heard, type: io.kestra.plugin.core.log.Log, "
        "message: heard}]\nlabels: {team: ops}\n",
    )


HOLD = {
    "not": "[{type: @Not, conditions: [{type: @ExecutionStatus, in: [FAILED]}]}]",
    "or": "[{type: @Or, conditions: [{type: @Expression, expression: '{{ false }}'}, "
    "{type: @ExecutionStatus, in: [SUCCESS]}]}]",
    "prefix": "[{type: @ExecutionNamespace, namespace: test, comparison: PREFIX}]",
    "old prefix": "[{type: @ExecutionNamespaceCondition, namespace: test, prefix: true}]",
    "suffix": "[{type: @ExecutionNamespace, namespace: engine, comparison: SUFFIX}]",
    "labels": "[{type: @ExecutionLabels, labels: {team: ops}}]",
    "two": "[{type: @ExecutionFlow, namespace: test.engine, flowId: f}, {type: @ExecutionStatus, notIn: [FAILED]}]",
}
FAIL = {
    "not": "[{type: @Not, conditions: [{type: @ExecutionStatus, in: [SUCCESS]}]}]",
    "namespace": "[{type: @ExecutionNamespace, namespace: test}]",
    "labels": "[{type: @ExecutionLabels, labels: {team: dev}}]",
    "never retried": "[{type: @HasRetryAttempt, in: [FAILED]}]",
    "no such variable": "[{type: @Expression, expression: '{{ nowhere.to }}'}]",
    "one of two": "[{type: @ExecutionStatus, in: [SUCCESS]}, {type: @ExecutionFlow, namespace: x, flowId: f}]",
}


@pytest.mark.parametrize("name", sorted(HOLD))
def test_a_listener_runs_when_its_conditions_hold(running: Engine, name: str) -> None:
    ended = running.run(listening(HOLD[name]))
    assert states(ended) == {"a": "SUCCESS", "heard": "SUCCESS"}
    assert ended.state == "SUCCESS"


@pytest.mark.parametrize("name", sorted(FAIL))
def test_a_listener_stays_silent_when_one_does_not(running: Engine, name: str) -> None:
    assert states(running.run(listening(FAIL[name]))) == {"a": "SUCCESS"}


def test_a_repeated_attempt_of_a_task_is_no_retry_to_a_listener(running: Engine) -> None:
    retry = "retry: {type: constant, interval: PT0.01S, maxAttempts: 2}"
    failing = f"{{id: a, type: io.kestra.plugin.core.execution.Fail, {retry}}}"
    source = listening("[{type: @HasRetryAttempt, in: [FAILED]}]").replace(RETURN, failing)
    assert states(running.run(source)) == {"a": "FAILED"}


def test_listeners_run_before_what_comes_after_the_execution(running: Engine) -> None:
    after = "afterExecution: [{id: last, type: io.kestra.plugin.core.log.Log, message: x}]\n"
    source = listening(HOLD["not"]) + after
    assert list(states(running.run(source))) == ["a", "heard", "last"]
