"""Which states task runs, attempts and executions pass through, as seen on a real 1.3 and 2.0."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.records.records import Execution, TaskRun
from tests.engine.running import Engine, flow

CORE = "io.kestra.plugin.core."
RETRY = "retry: {type: constant, maxAttempts: 2, interval: PT1H}"
ANEW = "retry: {type: constant, maxAttempts: 2, interval: PT1H, behavior: CREATE_NEW_EXECUTION}"


def task(name: str, more: str = "") -> str:
    """A task that fails."""
    return f"{{id: {name}, type: {CORE}execution.Fail{', ' + more if more else ''}}}"


def group(*tasks: str) -> str:
    """Tasks in a Sequential."""
    return f"{{id: group, type: {CORE}flow.Sequential, tasks: [{', '.join(tasks)}]}}"


def passed(execution: Execution, task_id: str | None = None) -> str:
    """The states of an execution, or of the run of a task."""
    history = execution.history if task_id is None else run_of(execution, task_id).history
    return " ".join(state for state, _ in history)


def run_of(execution: Execution, task_id: str) -> TaskRun:
    """The only run of a task."""
    (run,) = [run for run in execution.runs.values() if run.task_id == task_id]
    return run


def attempts(execution: Execution, task_id: str) -> list[str]:
    """How the attempts of a task ended."""
    return [attempt.state for attempt in run_of(execution, task_id).attempts]


def retried(running: Engine, tasks: str) -> Execution:
    """A flow's execution after its retry."""
    id_ = running.start(*running.save(flow(f"  - {tasks}\n")))
    running.wait_state(id_, "RETRYING")
    running.an_hour_passes(id_)
    return running.wait(id_)


def test_a_retry_follows_a_failure(running: Engine) -> None:
    ended = retried(running, task("a", RETRY))
    assert passed(ended, "a") == "CREATED SUBMITTED RUNNING FAILED RETRYING CREATED SUBMITTED RUNNING FAILED"
    assert passed(ended) == "CREATED RUNNING FAILED RETRYING RUNNING FAILED"
    assert attempts(ended, "a") == ["FAILED", "FAILED"]


def test_a_retry_within_a_group_is_no_failure_of_the_execution(running: Engine) -> None:
    ended = retried(running, group(task("a", RETRY)))
    assert passed(ended) == "CREATED RUNNING RETRYING RUNNING FAILED"
    assert passed(ended, "group") == "CREATED RUNNING FAILED"


@pytest.mark.parametrize("tolerance", ["allowFailure: true", "allowFailure: true, allowWarning: true"])
def test_an_attempt_ends_as_the_work_did_whatever_is_tolerated(running: Engine, tolerance: str) -> None:
    ended = running.run(flow(f"  - {task('a', tolerance)}\n"))
    assert passed(ended, "a").endswith("RUNNING " + ("SUCCESS" if "Warning" in tolerance else "WARNING"))
    assert attempts(ended, "a") == ["FAILED"]


@pytest.mark.parametrize(
    ("tasks", "states"), [(task("a", ANEW), "FAILED RETRIED"), (group(task("a", ANEW)), "RETRIED")]
)
def test_a_new_execution_is_a_replay_of_one_that_failed(running: Engine, tasks: str, states: str) -> None:
    first = running.run(flow(f"  - {tasks}\n"))
    assert passed(first) == f"CREATED RUNNING {states}"
    assert passed(first, "a") == "CREATED SUBMITTED RUNNING FAILED RETRIED"
    assert attempts(first, "a") == ["FAILED"]
    (second,) = running.store.read(
        lambda c: [row[0] for row in c.execute("SELECT id FROM executions WHERE parent_id = ?", (first.id,))]
    )
    assert ("system.replay", "true") in running.read(second).labels


def test_what_has_ended_has_no_attempt_that_runs(running: Engine) -> None:
    """A real 2.0.0 leaves the attempt of such a group RUNNING."""
    first = running.run(flow(f"  - {group(task('a', ANEW))}\n"))
    assert passed(first, "group") == "CREATED RUNNING RETRIED"
    assert attempts(first, "group") == ["RETRIED"]


def test_a_subflow_passes_through_the_state_of_its_execution(running: Engine) -> None:
    running.save(flow(f"  - {task('a')}\n", id_="child"))
    call = f"type: {CORE}flow.Subflow, namespace: test.engine, flowId: child"
    ended = running.run(
        flow(f"  - {{id: kept, {call}, transmitFailed: false}}\n  - {{id: told, {call}, allowFailure: true}}\n")
    )
    assert passed(ended, "kept") == "CREATED RUNNING FAILED SUCCESS"
    assert passed(ended, "told") == "CREATED RUNNING FAILED WARNING"
    assert attempts(ended, "told") == ["WARNING"]


def test_a_pause_that_ends_the_execution_is_left_first(running: Engine) -> None:
    id_ = running.start(*running.save(flow(f"  - {{id: hold, type: {CORE}flow.Pause, timeout: PT1H}}\n")))
    running.wait_state(id_, "PAUSED")
    running.an_hour_passes(id_)
    ended = running.wait(id_)
    assert passed(ended) == "CREATED RUNNING PAUSED RESTARTED RUNNING FAILED"
    assert passed(ended, "hold") == "CREATED RUNNING PAUSED FAILED"


def test_nobody_is_told_of_a_failure_that_is_retried(running: Engine) -> None:
    told: list[str] = []
    running.executor.moved.append(lambda connection, execution, states: told.extend(states))
    retried(running, task("a", RETRY))
    assert told == ["RUNNING", "RETRYING", "RUNNING", "FAILED"]


@pytest.mark.parametrize("length", ["'{{ inputs.length }}'", "'3600'", "3600.0", "PT1H"])
def test_a_pause_may_count_its_seconds(running: Engine, length: str) -> None:
    given = "inputs: [{id: length, type: DURATION, defaults: PT1H}]\n"
    hold = f"  - {{id: hold, type: {CORE}flow.Pause, pauseDuration: {length}}}\n"
    id_ = running.start(*running.save(flow(hold, given)))
    running.wait_state(id_, "PAUSED")
    running.an_hour_passes(id_)
    assert running.wait(id_).state == "SUCCESS"


@pytest.mark.parametrize(
    ("length", "says"), [("'-1'", "`pauseDuration` must be above zero, but is PT1S"), ("soon", "soon")]
)
def test_a_pause_of_no_length_fails(running: Engine, length: str, says: str) -> None:
    ended = running.run(flow(f'  - {{id: hold, type: {CORE}flow.Pause, pauseDuration: "{{{{ {length} }}}}"}}\n'))
    assert ended.state == "FAILED" and says in running.messages(ended.id)[0]


@pytest.mark.parametrize("interval", ["'{{ 3600 }}'", "'3600'", "PT1H"])
def test_a_loop_until_may_count_its_seconds(running: Engine, interval: str) -> None:
    look = f"{{id: look, type: {CORE}debug.Return, format: x}}"
    rules = f"condition: '{{{{ false }}}}', checkFrequency: {{interval: {interval}, maxIterations: 1}}"
    id_ = running.start(
        *running.save(flow(f"  - {{id: until, type: {CORE}flow.LoopUntil, {rules}, tasks: [{look}]}}\n"))
    )
    running.wait_state(id_, "PAUSED")
    running.an_hour_passes(id_)
    running.wait(id_)
    assert "WARN until: Max iterations reached" in running.messages(id_)
