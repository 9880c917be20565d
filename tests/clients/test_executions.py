"""kestrapy's ExecutionsApi against the bundled server: one execution at a time."""

from __future__ import annotations

import json

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import ApiException, ConflictException, NotFoundException
from kestrapy.exceptions import UnprocessableEntityException as Unprocessable
from kestrapy.models.execution_controller_state_request import ExecutionControllerStateRequest
from kestrapy.models.label import Label
from kestrapy.models.state_type import StateType

from tests.clients.talking import MAIN, ended, reached, source, state_of, where

NS = "exec.a"
TWO = """  - {id: first, type: io.kestra.plugin.core.log.Log, message: "first {{ inputs.name }}"}
  - {id: second, type: io.kestra.plugin.core.debug.Return, format: "second {{ inputs.name }}"}
"""
INPUTS = """inputs:
  - {id: name, type: STRING, defaults: world}
  - {id: whole, type: INT, required: false}
  - {id: flag, type: BOOL, required: false}
  - {id: list, type: ARRAY, itemType: INT, required: false}
  - {id: map, type: JSON, required: false}
  - {id: data, type: FILE, required: false}
"""
SLEEP = "  - {id: rest, type: io.kestra.plugin.core.flow.Sleep, duration: PT2M}\n"
PAUSE = "  - {id: wait, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: reason, type: STRING}]}\n"
QUEUE = "concurrency: {limit: 1, behavior: QUEUE}\n"


@pytest.fixture(scope="module")
def filled(client: KestraClient) -> KestraClient:
    """Flows to run: one with two tasks and two revisions, one that rests, one that waits, one of which one runs."""
    flows = client.flows
    text = f"id: two\nnamespace: {NS}\n{INPUTS}tasks:\n{TWO}"
    flows.create_flow(MAIN, text)
    flows.update_flow(NS, "two", MAIN, text.replace("second {{", "second again {{"))
    flows.create_flow(MAIN, source("rest", NS, SLEEP))
    flows.create_flow(MAIN, source("wait", NS, PAUSE))
    flows.create_flow(MAIN, source("one-at-a-time", NS, SLEEP, QUEUE))
    return client


def test_inputs_of_every_form_and_what_a_start_says(filled: KestraClient) -> None:
    inputs = {
        "name": "you",
        "whole": 3,
        "flag": True,
        "list": [1, 2],
        "map": {"a": 1},
        "data": ("d.csv", b"a,b\n1,2\n", "text/csv"),
    }
    done = filled.executions.create_execution(
        MAIN, NS, "two", labels=["a:b", "c:d,e"], wait=True, revision=1, kind="TEST", inputs=inputs
    )
    assert (state_of(done), done.flow_revision) == ("SUCCESS", 1)
    assert [done.inputs[name] for name in ("whole", "flag", "list")] == [3, True, [1, 2]]
    assert done.inputs["map"] == {"a": 1}
    assert [(label.key, label.value) for label in done.labels][:2] == [("a", "b"), ("c", "d,e")]
    assert filled.executions.search_executions(MAIN, filters=where("kind", "TEST"))["total"] == 1
    preview = filled.executions.preview_file_from_execution(done.id, done.inputs["data"], MAIN, 1, "UTF-8")
    assert (preview["content"], preview["truncated"]) == ("a,b", True)
    with pytest.raises(Unprocessable):
        filled.executions.preview_file_from_execution(done.id, done.inputs["data"], MAIN, encoding="odd")


def test_starts_that_are_refused(filled: KestraClient) -> None:
    start = filled.executions.create_execution
    for flow, extra in (("nope", {}), ("two", {"revision": 9})):
        with pytest.raises(NotFoundException):
            start(MAIN, NS, flow, **extra)
    for extra in ({"inputs": {"whole": "x"}}, {"labels": ["half"]}, {"labels": ["system.x:y"]}):
        with pytest.raises(Unprocessable):
            start(MAIN, NS, "two", **extra)


def test_a_start_at_a_date_waits_for_it(filled: KestraClient) -> None:
    started = filled.executions.create_execution(MAIN, NS, "two", schedule_date="2101-01-01T00:00:00+02:00")
    assert state_of(filled.executions.execution(started.id, MAIN)) == "CREATED"
    assert state_of(filled.executions.kill_execution(started.id, MAIN, is_on_kill_cascade=True)) in (
        "KILLING",
        "KILLED",
    )


def test_inputs_are_checked_without_a_start(filled: KestraClient) -> None:
    check = filled.executions.validate_new_execution_inputs
    sound = check(NS, "two", MAIN, labels=["a:b"], revision=1, inputs={"whole": 3, "data": b"x"})
    assert [item["errors"] for item in sound["inputs"] if item["errors"]] == []
    odd = check(NS, "two", MAIN, inputs={"whole": "x"})
    assert [item["input"]["id"] for item in odd["inputs"] if item["errors"]] == ["whole"]


def test_a_breakpoint_holds_an_execution_until_it_goes_on(filled: KestraClient) -> None:
    executions = filled.executions
    started = executions.create_execution(MAIN, NS, "two", breakpoints="first,second")
    for following in ("second", None):
        assert reached(filled, started.id, "BREAKPOINT") == "BREAKPOINT"
        executions.resume_execution_from_breakpoint(started.id, MAIN, breakpoints=following)
        if following is None:
            break
    assert ended(filled, started.id) == "SUCCESS"
    with pytest.raises(ConflictException):
        executions.resume_execution_from_breakpoint(started.id, MAIN)


def test_expressions_are_evaluated_in_a_task_run(filled: KestraClient) -> None:
    done = filled.executions.create_execution(MAIN, NS, "two", wait=True)
    run = done.task_run_list[1].id
    evaluate = filled.executions.eval_task_run_expression
    assert evaluate(done.id, run, MAIN, "{{ task.id }} {{ taskrun.id }}").result == f"second {run}"
    assert "nope" in evaluate(done.id, run, MAIN, "{{ nope }}").error
    with pytest.raises(NotFoundException):
        evaluate(done.id, "nope", MAIN, "{{ task.id }}")


def test_a_replay_begins_at_a_task_run_of_another_revision(filled: KestraClient) -> None:
    executions = filled.executions
    done = executions.create_execution(MAIN, NS, "two", wait=True, revision=1)
    second = done.task_run_list[1].id
    whole = executions.replay_execution(done.id, MAIN)
    assert (whole.id != done.id, ended(filled, whole.id)) == (True, "SUCCESS")
    part = executions.replay_execution(done.id, MAIN, task_run_id=second, revision=2)
    assert ended(filled, part.id) == "SUCCESS"
    read = executions.execution(part.id, MAIN)
    assert (read.flow_revision, read.parent_id, len(read.task_run_list)) == (2, done.id, 2)
    run = read.task_run_list[1].id
    assert filled.outputs.task_run_outputs(part.id, run, MAIN) == {"value": "second again world"}
    held = executions.replay_execution(done.id, MAIN, breakpoints="second")
    assert reached(filled, held.id, "BREAKPOINT") == "BREAKPOINT"
    with pytest.raises(Unprocessable):
        executions.replay_execution(done.id, MAIN, task_run_id="nope")


def test_a_replay_takes_other_inputs_and_a_file(filled: KestraClient) -> None:
    executions = filled.executions
    done = executions.create_execution(MAIN, NS, "two", wait=True)
    same = executions.replay_execution_with_inputs(done.id, MAIN)
    other = executions.replay_execution_with_inputs(done.id, MAIN, inputs={"name": "you", "data": b"\x00x"})
    assert [ended(filled, item.id) for item in (same, other)] == ["SUCCESS", "SUCCESS"]
    read = executions.execution(other.id, MAIN)
    assert read.inputs["name"] == "you"
    assert f"/executions/{other.id}/" in read.inputs["data"]
    assert executions.download_file_from_execution(done.id, read.inputs["data"], MAIN) == b"\x00x"
    assert executions.download_file_from_execution(other.id, read.inputs["data"], MAIN) == b"\x00x"


def test_the_state_of_a_task_run_is_changed_and_its_execution_goes_on(filled: KestraClient) -> None:
    executions = filled.executions
    done = executions.create_execution(MAIN, NS, "two", wait=True)
    asked = ExecutionControllerStateRequest(taskRunId=done.task_run_list[1].id, state=StateType.FAILED)
    assert executions.update_task_run_state(done.id, MAIN, asked).id == done.id
    assert ended(filled, done.id) == "FAILED"
    assert executions.restart_execution(done.id, MAIN).id == done.id
    assert ended(filled, done.id) == "SUCCESS"
    with pytest.raises(ConflictException):
        executions.restart_execution(done.id, MAIN)


FAILS = """  - {id: good, type: io.kestra.plugin.core.debug.Return, format: kept}
  - id: group
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - {id: bad, type: io.kestra.plugin.core.execution.Fail}
errors:
  - {id: sorry, type: io.kestra.plugin.core.log.Log, message: sorry}
"""
MENDED = FAILS.replace("core.execution.Fail", "core.debug.Return, format: '{{ outputs.good.value }}'")


def test_a_restart_with_another_revision_is_a_new_execution(client: KestraClient) -> None:
    executions = client.executions
    client.flows.create_flow(MAIN, source("mend", "exec.b", FAILS))
    client.flows.update_flow("exec.b", "mend", MAIN, source("mend", "exec.b", MENDED))
    client.flows.update_flow("exec.b", "mend", MAIN, source("mend", "exec.b"))
    failed = executions.create_execution(MAIN, "exec.b", "mend", wait=True, revision=1)
    again = executions.restart_execution(failed.id, MAIN, revision=2)
    assert (again.id != failed.id, again.parent_id, again.flow_revision) == (True, failed.id, 2)
    assert ended(client, again.id) == "SUCCESS"
    runs = {run.task_id: run for run in executions.execution(again.id, MAIN).task_run_list}
    assert (set(runs), len(runs["bad"].attempts)) == ({"good", "group", "bad"}, 2)
    assert client.outputs.task_run_outputs(again.id, runs["bad"].id, MAIN) == {"value": "kept"}
    assert state_of(executions.execution(failed.id, MAIN)) == "FAILED"
    for revision, refusal in ((3, Unprocessable), (9, NotFoundException)):
        with pytest.raises(refusal):
            executions.restart_execution(failed.id, MAIN, revision=revision)
    with pytest.raises(ConflictException):
        executions.restart_execution(again.id, MAIN, revision=2)


CALL = "  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: exec.a, flowId: two, wait: true}\n"


def test_a_replay_of_a_subflow_starts_it_anew(filled: KestraClient) -> None:
    filled.flows.create_flow(MAIN, source("calls", NS, CALL))
    done = filled.executions.create_execution(MAIN, NS, "calls", wait=True)
    graph = filled.executions.execution_flow_graph(done.id, MAIN, subflows=["root.call"])
    nodes = {node.uid: node.to_dict() for node in graph.nodes}
    assert ("taskRun" in nodes["root.call"], "taskRun" in nodes["root.call.first"]) == (True, False)
    before = filled.executions.search_executions(MAIN, filters=where("parentId", done.id))["total"]
    again = filled.executions.replay_execution(done.id, MAIN, task_run_id=done.task_run_list[0].id)
    assert ended(filled, again.id) == "SUCCESS"
    assert before == 1
    assert filled.executions.search_executions(MAIN, filters=where("parentId", again.id))["total"] == 1


def test_a_status_is_only_changed_to_a_final_one(filled: KestraClient) -> None:
    done = filled.executions.create_execution(MAIN, NS, "two", wait=True)
    changed = filled.executions.update_execution_status(done.id, StateType.CANCELLED, MAIN)
    assert state_of(changed) == "CANCELLED"
    with pytest.raises(Unprocessable):
        filled.executions.update_execution_status(done.id, StateType.RUNNING, MAIN)


def test_labels_replace_those_of_the_flow_and_keep_those_of_the_system(filled: KestraClient) -> None:
    done = filled.executions.create_execution(MAIN, NS, "two", wait=True, labels=["c:d"])
    labels = [Label(key="a", value="b")]
    labelled = filled.executions.set_labels_on_terminated_execution(done.id, MAIN, labels)
    assert [label.key for label in labelled.labels if not label.key.startswith("system.")] == ["a"]
    assert {"system.from", "system.correlationId"} <= {label.key for label in labelled.labels}
    with pytest.raises(Unprocessable):
        filled.executions.set_labels_on_terminated_execution(done.id, MAIN, [Label(key="system.a", value="b")])


def test_a_running_execution_is_paused_resumed_and_killed(filled: KestraClient) -> None:
    executions = filled.executions
    resting = executions.create_execution(MAIN, NS, "rest")
    assert reached(filled, resting.id, "RUNNING") == "RUNNING"
    assert executions.pause_execution(resting.id, MAIN).id == resting.id
    assert reached(filled, resting.id, "PAUSED") == "PAUSED"
    with pytest.raises(ConflictException):
        executions.pause_execution(resting.id, MAIN)
    executions.resume_execution(resting.id, MAIN)
    assert reached(filled, resting.id, "RUNNING") == "RUNNING"
    assert executions.kill_execution(resting.id, MAIN).id == resting.id
    assert ended(filled, resting.id) == "KILLED"


def test_what_a_resume_is_asked_for_is_checked_first(filled: KestraClient) -> None:
    executions = filled.executions
    waiting = executions.create_execution(MAIN, NS, "wait")
    assert reached(filled, waiting.id, "PAUSED") == "PAUSED"
    (missing,) = executions.validate_resume_execution_inputs(waiting.id, MAIN)["inputs"]
    (sound,) = executions.validate_resume_execution_inputs(waiting.id, MAIN, {"reason": "x"})["inputs"]
    assert (bool(missing["errors"]), sound["errors"]) == (True, [])
    with pytest.raises(Unprocessable):
        executions.resume_execution(waiting.id, MAIN)
    executions.resume_execution(waiting.id, MAIN, {"reason": "x"})
    assert ended(filled, waiting.id) == "SUCCESS"


def test_queued_executions_are_let_go_one_way_or_another(filled: KestraClient) -> None:
    executions = filled.executions
    ids = [executions.create_execution(MAIN, NS, "one-at-a-time").id for _ in range(4)]
    assert reached(filled, ids[0], "RUNNING") == "RUNNING"
    assert [reached(filled, id_, "QUEUED") for id_ in ids[1:]] == ["QUEUED"] * 3
    executions.unqueue_execution(ids[1], MAIN, StateType.RUNNING)
    executions.unqueue_execution(ids[2], MAIN, StateType.CANCELLED)
    executions.force_run_execution(ids[3], MAIN)
    assert [reached(filled, ids[n], "RUNNING") for n in (1, 2, 3)] == ["RUNNING", "CANCELLED", "RUNNING"]
    with pytest.raises(ConflictException):
        executions.unqueue_execution(ids[1], MAIN, StateType.RUNNING)
    with pytest.raises(ConflictException):
        executions.force_run_execution(ids[2], MAIN)
    executions.kill_executions_by_ids(MAIN, [ids[0], ids[1], ids[3]])
    assert [ended(filled, ids[n]) for n in (0, 1, 3)] == ["KILLED"] * 3


def test_streams_as_they_come_over_the_wire(filled: KestraClient) -> None:
    done = filled.executions.create_execution(MAIN, NS, "two", wait=True)
    with filled.executions.follow_execution_raw(done.id, MAIN) as stream:
        events = [line for line in stream.iter_lines(decode_unicode=True) if line.startswith("data:")]
    assert json.loads(events[-1].removeprefix("data:"))["state"]["current"] == "SUCCESS"
    with filled.executions.follow_dependencies_execution_raw(
        done.id, MAIN, destination_only=True, expand_all=True
    ) as stream:
        events = [line for line in stream.iter_lines(decode_unicode=True) if line.startswith("data:")]
    assert json.loads(events[0].removeprefix("data:"))["executionId"] == done.id


def test_the_graph_of_an_execution_has_its_task_runs(filled: KestraClient) -> None:
    done = filled.executions.create_execution(MAIN, NS, "two", wait=True)
    graph = filled.executions.execution_flow_graph(done.id, MAIN)
    runs = {
        node.uid: node.additional_properties.get("taskRun") or getattr(node, "task_run", None) for node in graph.nodes
    }
    assert runs["root.second"]


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_a_webhook_is_called_with_a_path(filled: KestraClient, method: str) -> None:
    hook = "triggers:\n  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefgh}\n"
    filled.flows.update_flows_in_namespace("exec.hook", MAIN, source("h", "exec.hook", extra=hook))
    call = getattr(filled.executions, f"trigger_execution_by_{method}_webhook_with_path")
    started = call(MAIN, "exec.hook", "h", "abcdefgh", "some")
    assert ended(filled, started.id) == "SUCCESS"
    assert filled.executions.execution(started.id, MAIN).trigger.variables["path"] == "some"


@pytest.mark.parametrize(
    "sort",
    ["id:asc", "namespace:desc", "flowId:asc", "state.current:desc", "state.startDate:desc", "state.endDate:asc"],
)
def test_executions_are_sorted_and_paged(filled: KestraClient, sort: str) -> None:
    for _ in range(2):
        filled.executions.create_execution(MAIN, NS, "two", wait=True)
    asked = where("flowId", "two") + where("state", "SUCCESS")
    pages = [filled.executions.search_executions(MAIN, n, 1, [sort, "id:asc"], asked) for n in (1, 2)]
    assert [len(page["results"]) for page in pages] == [1, 1]
    assert pages[0]["results"][0]["id"] != pages[1]["results"][0]["id"]
    with pytest.raises(ApiException):
        filled.executions.search_executions(MAIN, sort=["nope:asc"])
