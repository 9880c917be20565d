"""Booleans of a flow that are written as texts have their effect."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.lifecycle.launching import Refused
from tests.engine.running import Engine, flow, states

FAIL = "type: io.kestra.plugin.core.execution.Fail"
LOG = "type: io.kestra.plugin.core.log.Log, message: x"


@pytest.mark.parametrize("value", ["true", '"true"', '"True"', "1"])
def test_a_disabled_task_does_not_run(running: Engine, value: str) -> None:
    ended = running.run(flow(f"  - {{id: a, {FAIL}, disabled: {value}}}\n  - {{id: b, {LOG}}}\n"))
    assert (ended.state, states(ended)) == ("SUCCESS", {"b": "SUCCESS"})


@pytest.mark.parametrize("value", ["false", '"false"', "0"])
def test_a_task_that_is_not_disabled_runs(running: Engine, value: str) -> None:
    assert running.run(flow(f"  - {{id: a, {FAIL}, disabled: {value}}}\n")).state == "FAILED"


def test_a_failure_is_allowed(running: Engine) -> None:
    ended = running.run(flow(f'  - {{id: a, {FAIL}, allowFailure: "true"}}\n  - {{id: b, {LOG}}}\n'))
    assert states(ended) == {"a": "WARNING", "b": "SUCCESS"}


def test_a_disabled_flow_is_not_started(running: Engine) -> None:
    with pytest.raises(Refused, match="disabled"):
        running.run(flow(f"  - {{id: b, {LOG}}}\n", 'disabled: "true"\n'))


def test_a_dependency_on_a_disabled_task_is_satisfied(running: Engine) -> None:
    members = f'[{{task: {{id: a, {FAIL}, disabled: "true"}}}}, {{dependsOn: [a], task: {{id: b, {LOG}}}}}]'
    ended = running.run(flow(f"  - {{id: d, type: io.kestra.plugin.core.flow.Dag, tasks: {members}}}\n"))
    assert states(ended) == {"d": "SUCCESS", "b": "SUCCESS"}
