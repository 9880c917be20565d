"""What a caller says of the executions that it has started; expected lines as seen on a real 1.3 and 2.0."""

from __future__ import annotations

import json

import pytest

from flowctl.engine.executor.lifecycle.actions import kill
from tests.engine.running import Engine, flow, output, states

CORE = "io.kestra.plugin.core."
FAIL = f"  - {{id: t, type: {CORE}execution.Fail}}\n"
RETURN = f"  - {{id: t, type: {CORE}debug.Return, format: '{{{{ trigger }}}}'}}\n"
SLEEP = f"  - {{id: t, type: {CORE}flow.Sleep, duration: PT0.2S}}\n"


def caller(extra: str = "") -> str:
    return flow(f"  - {{id: c, type: {CORE}flow.Subflow, namespace: test.engine, flowId: child{extra}}}\n")


@pytest.mark.parametrize(("extra", "level"), [("", "ERROR"), (", allowFailure: true", "WARN")])
def test_a_subflow_names_the_execution_that_has_failed(running: Engine, extra: str, level: str) -> None:
    running.save(flow(FAIL, id_="child"))
    ended = running.run(caller(extra))
    child = f'[[link execution="{output(ended, "c")["executionId"]}" flowId="child" namespace="test.engine"]]'
    state = {"ERROR": "FAILED", "WARN": "WARNING"}[level]
    assert running.messages(ended.id, "WARN") == [f"{level} c: Subflow execution {child} ends in {state} state"]


def test_the_trigger_of_a_child_names_the_task_run_that_started_it(running: Engine) -> None:
    running.save(flow(RETURN, "outputs: [{id: o, type: JSON, value: '{{ outputs.t.value }}'}]\n", "child"))
    ended = running.run(caller())
    trigger = output(ended, "c")["outputs"]["o"]  # type: ignore[index]
    (run,) = ended.runs.values()
    assert (trigger["taskId"], trigger["taskRunId"], trigger["executionId"]) == ("c", run.id, ended.id)


def test_the_output_of_a_subflow_says_that_its_execution_was_killed(running: Engine) -> None:
    """As recorded of one that an Exit ended as KILLED."""
    running.save(flow(f"  - {{id: t, type: {CORE}flow.Pause}}\n", id_="child"))
    id_ = running.start(*running.save(caller()))
    begun = running.wait(id_, lambda found: any(run.outputs for run in found.runs.values()))
    child = str(output(begun, "c")["executionId"])
    running.wait_state(child, "PAUSED")
    running.command(child, kill)
    ended = running.wait(id_)
    assert (ended.state, output(ended, "c")) == ("KILLED", {"executionId": child, "state": "KILLED"})


ITEM = 'outputs: [{id: o, type: STRING, value: "%s"}]\n'


def called_for(running: Engine, group: str, shown: str) -> list[object]:
    """What the children say that a Subflow in a group has called, in order."""
    running.save(flow(SLEEP, ITEM % shown, "child"))
    call = f"{{id: c, type: {CORE}flow.Subflow, namespace: test.engine, flowId: child}}"
    running.run(flow(f"  - {{id: each, type: {CORE}flow.{group}, values: [x, y], tasks: [{call}]}}\n"))
    query = "SELECT id FROM executions WHERE flow_id = 'child' ORDER BY created_us"
    ids = running.store.read(lambda connection: [row[0] for row in connection.execute(query)])
    return [(running.read(id_).outputs or {})["o"] for id_ in ids]


@pytest.mark.parametrize(
    ("group", "shown"),
    [
        ("ForEach", "{{ trigger.taskRunIteration }} {{ trigger.taskRunValue }}"),
        ("Loop", "{{ trigger.loopIndex }} {{ trigger.loopTaskRunId is defined ? 'x' : '' }}"),
    ],
)
def test_the_trigger_of_a_child_says_of_which_item_it_is(running: Engine, group: str, shown: str) -> None:
    assert called_for(running, group, shown) == ["0 x", "1 y" if group == "ForEach" else "1 x"]


def test_a_time_limit_of_a_subflow_has_no_effect(running: Engine) -> None:
    running.save(flow(SLEEP, id_="child"))
    assert states(running.run(caller(", timeout: PT0.01S"))) == {"c": "SUCCESS"}


@pytest.mark.parametrize("state", ["FAILED", "KILLED", "CANCELLED"])
def test_a_loop_names_an_iteration_that_did_not_go_well(running: Engine, state: str) -> None:
    inner = f"      - {{id: x, type: {CORE}execution.Exit, state: {state}}}\n"
    ended = running.run(flow(f"  - id: g\n    type: {CORE}flow.Loop\n    values: [1]\n    tasks:\n{inner}"))
    ((child,),) = running.store.read(lambda c: c.execute("SELECT id FROM executions WHERE kind = 'LOOP'").fetchall())
    link = f'[[link execution="{child}" flowId="f" namespace="test.engine"]]'
    text = f"Loop iteration 0 ended in {state} in sub-execution {link}, check that execution's logs for details"
    assert running.messages(ended.id, "ERROR") == [f"ERROR g: {text}"]


def test_a_loop_that_transmits_no_failure_says_nothing_of_it(running: Engine) -> None:
    inner = f"      - {{id: x, type: {CORE}execution.Fail}}\n"
    text = f"  - id: g\n    type: {CORE}flow.Loop\n    values: [1]\n    transmitFailed: false\n    tasks:\n{inner}"
    ended = running.run(flow(text))
    assert running.messages(ended.id, "ERROR") == []


def test_error_logs_have_the_members_of_a_log_line(running: Engine) -> None:
    errors = f"errors: [{{id: e, type: {CORE}debug.Return, format: '{{{{ errorLogs() }}}}'}}]\n"
    ended = running.run(flow(f"  - {{id: t, type: {CORE}execution.Fail, errorMessage: boo}}\n", errors))
    (line,) = json.loads(str(output(ended, "e")["value"]))
    known = {"tenantId": "main", "namespace": "test.engine", "flowId": "f", "taskId": "t", "executionId": ended.id}
    known |= {"taskRunId": next(iter(ended.runs)), "attemptNumber": 0, "level": "ERROR", "message": "boo"}
    assert {name: line[name] for name in known} == known
    assert set(line) == {*known, "timestamp", "thread"}
