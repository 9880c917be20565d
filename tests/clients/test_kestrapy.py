"""kestrapy 2.0 against the bundled server: what a team's own scripts do with a Kestra server."""

from __future__ import annotations

import io
import zipfile

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import ApiException, ConflictException, NotFoundException, UnauthorizedException
from kestrapy.models.delete_triggers_by_query_request import DeleteTriggersByQueryRequest
from kestrapy.models.execution_repository_interface_flow_filter import ExecutionRepositoryInterfaceFlowFilter
from kestrapy.models.kv_controller_api_delete_bulk_request import KVControllerApiDeleteBulkRequest
from kestrapy.models.label import Label
from kestrapy.models.trigger_controller_set_disabled_request import TriggerControllerSetDisabledRequest

from tests.clients.talking import MAIN, ended, source, state_of, where


@pytest.fixture(scope="module", params=["2.0", "lenient"])
def dialect(request: pytest.FixtureRequest) -> str:
    """What a team's scripts do is asked of both dialects that speak 2.0."""
    return str(request.param)


def test_flows_are_created_read_changed_and_deleted(client: KestraClient) -> None:
    flows, text = client.flows, source("f", "flows.a")
    assert flows.create_flow(MAIN, text).revision == 1
    assert flows.flow("flows.a", "f", MAIN, source=True).source == text
    assert flows.update_flow("flows.a", "f", MAIN, text.replace("hello {{", "bye {{")).revision == 2
    assert [row.revision for row in flows.list_flow_revisions("flows.a", "f", MAIN)] == [1, 2]
    assert flows.flow("flows.a", "f", MAIN, source=True, revision=1).source == text
    assert flows.task_from_flow("flows.a", "f", "hello", MAIN).id == "hello"
    with pytest.raises(ApiException) as refused:
        flows.create_flow(MAIN, text)
    assert refused.value.status == 409
    flows.delete_flow("flows.a", "f", MAIN)
    with pytest.raises(NotFoundException):
        flows.flow("flows.a", "f", MAIN)


def test_flows_are_searched_switched_exported_and_imported(client: KestraClient) -> None:
    flows = client.flows
    for name in ("one", "two", "three"):
        flows.create_flow(MAIN, source(name, "flows.b"))
    page = flows.search_flows(MAIN, page=1, size=2, sort=["id:asc"], filters=where("namespace", "flows.b"))
    assert (page.total, [flow.id for flow in page.results]) == (3, ["one", "three"])
    assert {flow.id for flow in flows.list_flows_by_namespace("flows.b", MAIN)} == {"one", "two", "three"}
    assert "flows.b" in flows.list_distinct_namespaces(MAIN, q="flows.")
    ids = [{"namespace": "flows.b", "id": "one"}]
    assert [flows.disable_flows_by_ids(MAIN, ids).count for _ in range(2)] == [1, 0]
    assert flows.flow("flows.b", "one", MAIN).disabled is True
    assert flows.enable_flows_by_ids(MAIN, ids).count == 1
    packed = flows.export_flows_by_query(MAIN, where("namespace", "flows.b"))
    assert len(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == 3
    assert flows.delete_flows_by_query(MAIN, where("namespace", "flows.b")).count == 3
    assert flows.import_flows(MAIN, file_content=packed) == []
    assert flows.search_flows(MAIN, filters=where("namespace", "flows.b")).total == 3
    assert flows.export_flows_by_query_csv(MAIN, where("namespace", "flows.b")).count("flows.b") == 3


def test_flows_are_validated_and_deployed_by_namespace(client: KestraClient) -> None:
    flows = client.flows
    sound, broken = source("g", "flows.c"), "id: g\nnamespace: flows.c\ntasks:\n  - {id: a, type: no.such.Type}\n"
    assert not flows.validate_flows(MAIN, sound)[0].constraints
    assert flows.validate_flows(MAIN, broken)[0].constraints
    both = source("x", "flows.c") + "---\n" + source("y", "flows.c")
    assert len(flows.update_flows_in_namespace("flows.c", MAIN, both, delete=True)) == 2
    flows.update_flows_in_namespace("flows.c", MAIN, source("x", "flows.c"), delete=True)
    assert [flow.id for flow in flows.list_flows_by_namespace("flows.c", MAIN)] == ["x"]
    assert flows.generate_flow_graph("flows.c", "x", MAIN).nodes


def test_an_execution_from_start_to_delete(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("run", "runs.a"))
    executions = client.executions
    done = executions.create_execution(
        MAIN, "runs.a", "run", wait=True, labels=["by:test"], inputs={"name": "you", "data": b"\x00bytes"}
    )
    assert state_of(done) == "SUCCESS"
    uri = done.inputs["data"]
    assert executions.download_file_from_execution(done.id, uri, MAIN) == b"\x00bytes"
    assert executions.file_metadatas_from_execution(done.id, uri, MAIN).size == 6
    assert executions.eval_expression(done.id, MAIN, "{{ inputs.name }}")["result"] == "you"
    assert client.logs.list_logs_from_execution(done.id, MAIN)[0].message == "hello you"
    executions.set_labels_on_terminated_execution(done.id, MAIN, [Label(key="k", value="v")])
    assert ("k", "v") in [(label.key, label.value) for label in executions.execution(done.id, MAIN).labels]
    again = executions.replay_execution_with_inputs(done.id, MAIN, inputs={"name": "again"})
    assert ended(client, again.id) == "SUCCESS"
    assert executions.flow_from_execution_by_id(done.id, MAIN).id == "run"
    executions.delete_execution(done.id, MAIN)
    with pytest.raises(NotFoundException):
        executions.execution(done.id, MAIN)


def test_executions_are_listed(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("list", "runs.b"))
    executions = client.executions
    ids = {executions.create_execution(MAIN, "runs.b", "list", wait=True).id for _ in range(3)}
    found = executions.search_executions(MAIN, page=1, size=10, filters=where("flowId", "list"))
    assert (found["total"], {row["id"] for row in found["results"]}) == (3, ids)
    assert executions.search_executions_by_flow_id(MAIN, "runs.b", "list", page=1, size=2)["total"] == 3
    latest = executions.latest_executions(MAIN, [ExecutionRepositoryInterfaceFlowFilter(namespace="runs.b", id="list")])
    assert latest[0].id in ids
    assert executions.find_distinct_execution_field_values(MAIN, "flowId", where("namespace", "runs.b")) == ["list"]
    assert executions.export_executions_by_query_to_csv(MAIN, where("namespace", "runs.b")).count(",SUCCESS,") == 3
    assert "runs.b" in executions.list_executable_namespaces(MAIN)
    assert [flow.id for flow in executions.list_executable_flows_by_namespace("runs.b", MAIN)] == ["list"]
    assert executions.flow_from_execution(MAIN, "runs.b", "list").tasks[0].id == "hello"
    average = executions.execution_average_duration("runs.b", "list", MAIN)
    assert average["count"] == 3
    assert 0 < average["duration"] < 5
    with pytest.raises(ApiException):
        executions.find_distinct_execution_field_values(MAIN, "document")
    assert executions.delete_executions_by_query(MAIN, where("flowId", "list"))["count"] == 3


PAUSED = """  - {id: wait, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: reason, type: STRING}]}
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.wait.onResume.reason }}"}
"""


def test_a_paused_execution_is_resumed_and_another_killed(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("hold", "runs.c", PAUSED))
    executions = client.executions
    ids = [executions.create_execution(MAIN, "runs.c", "hold").id for _ in range(2)]
    for id_ in ids:
        for event in executions.follow_execution(id_, MAIN):
            if state_of(event) == "PAUSED":
                break
    executions.resume_execution(ids[0], MAIN, {"reason": "because"})
    assert ended(client, ids[0]) == "SUCCESS"
    assert "because" in client.logs.download_logs_from_execution(ids[0], MAIN, min_level="INFO")
    executions.kill_execution(ids[1], MAIN)
    assert ended(client, ids[1]) == "KILLED"
    with pytest.raises(ConflictException):
        executions.resume_execution(ids[1], MAIN, {"reason": "late"})


def test_a_failed_execution_is_restarted_and_its_status_changed(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("bad", "runs.d", "  - {id: a, type: io.kestra.plugin.core.execution.Fail}\n"))
    failed = client.executions.create_execution(MAIN, "runs.d", "bad", wait=True)
    assert state_of(failed) == "FAILED"
    assert client.executions.restart_execution(failed.id, MAIN).id == failed.id
    assert ended(client, failed.id) == "FAILED"
    client.executions.update_execution_status(failed.id, "WARNING", MAIN)
    assert ended(client, failed.id) == "WARNING"


def test_executions_that_an_execution_starts_are_followed_with_it(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("child", "runs.e"))
    call = "  - {id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: runs.e, flowId: child, wait: true}\n"
    client.flows.create_flow(MAIN, source("parent", "runs.e", call))
    done = client.executions.create_execution(MAIN, "runs.e", "parent", wait=True)
    events = list(client.executions.follow_dependencies_execution(done.id, MAIN))
    assert {event.flow_id for event in events} == {"parent", "child"}
    assert state_of(events[-1]) == "SUCCESS"


def test_logs_are_searched_followed_and_deleted(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("logs", "runs.f"))
    done = client.executions.create_execution(MAIN, "runs.f", "logs", wait=True)
    logs = client.logs
    found = logs.search_logs(MAIN, page=1, size=10, filters=where("namespace", "runs.f"))
    assert "hello world" in [line.message for line in found.results]
    assert "hello world" in [line.message for line in logs.follow_logs_from_execution(done.id, MAIN)]
    logs.delete_logs_from_execution(done.id, MAIN)
    assert logs.list_logs_from_execution(done.id, MAIN) == []


def test_key_values(client: KestraClient) -> None:
    kv = client.kv
    for key, body in (("json", '{"a": 1}'), ("text", '"x"'), ("time", "PT5M"), ("number", "12")):
        kv.set_key_value("kv.a", key, MAIN, body)
    found = kv.key_value("kv.a", "json", MAIN)
    assert (found.type.value, found.value) == ("JSON", {"a": 1})
    assert kv.key_value("kv.a", "time", MAIN).type.value == "DURATION"
    assert kv.list_all_keys(MAIN, page=1, size=10, filters=where("namespace", "kv.a")).total == 4
    assert {entry.key for entry in kv.list_keys_with_inheritance("kv.a.b", MAIN)} >= {"json", "text"}
    assert [kv.delete_key_value("kv.a", "json", MAIN) for _ in range(2)] == [True, False]
    kv.delete_key_values("kv.a", MAIN, KVControllerApiDeleteBulkRequest(keys=["text", "time"]))
    assert [entry.key for entry in kv.list_all_keys(MAIN, filters=where("namespace", "kv.a")).results] == ["number"]
    with pytest.raises(NotFoundException):
        kv.key_value("kv.a", "json", MAIN)


def test_namespace_files(client: KestraClient) -> None:
    files = client.files
    files.create_namespace_directory("files.a", MAIN, "/dir")
    for body in (b"\x00first", b"\x00second"):
        files.create_namespace_file("files.a", "/dir/a.bin", MAIN, body)
    assert files.file_content("files.a", "/dir/a.bin", MAIN) == b"\x00second"
    assert files.file_content("files.a", "/dir/a.bin", MAIN, revision=1) == b"\x00first"
    assert files.file_metadatas("files.a", MAIN, "/dir/a.bin").size == 7
    assert [item.file_name for item in files.list_namespace_directory_files("files.a", MAIN, "/dir")] == ["a.bin"]
    files.move_file_directory("files.a", "/dir/a.bin", "/dir/b.bin", MAIN)
    assert any("b.bin" in path for path in files.search_namespace_files("files.a", "b.bin", MAIN))
    assert any(
        "b.bin" in name
        for name in zipfile.ZipFile(io.BytesIO(files.export_namespace_files("files.a", MAIN))).namelist()
    )
    files.delete_file_directory("files.a", "/dir/b.bin", MAIN)
    with pytest.raises(NotFoundException):
        files.file_content("files.a", "/dir/b.bin", MAIN)


def test_namespaces(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("n", "names.deep.er"))
    assert client.namespaces.namespace("names.deep", MAIN).id == "names.deep"
    found = {item.id for item in client.namespaces.search_namespaces(MAIN, page=1, size=100).results}
    assert {"names", "names.deep", "names.deep.er"} <= found


TRIGGERS = """triggers:
  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefgh}
"""
YEARLY = {"namespace": "trig.a", "flowId": "t", "triggerId": "yearly"}


def test_triggers_are_switched_and_filled_back(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("t", "trig.a", extra=TRIGGERS))
    triggers, ours = client.triggers, where("namespace", "trig.a")
    assert triggers.search_triggers(MAIN, page=1, size=10, filters=ours)["total"] == 1
    triggers.disable_trigger_by_id(MAIN, {**YEARLY, "disabled": True})
    assert triggers.search_triggers_for_flow(MAIN, "trig.a", "t")["results"][0]["disabled"] is True
    triggers.disabled_triggers_by_ids(MAIN, TriggerControllerSetDisabledRequest(triggers=[YEARLY], disabled=False))
    assert ",false" in triggers.export_triggers(MAIN, ours)
    with pytest.raises(ConflictException):
        triggers.unlock_trigger(MAIN, "trig.a", "t", "yearly")
    backfill = {"start": "2020-06-01T00:00:00Z", "end": "2040-01-02T00:00:00Z"}
    triggers.create_backfill(MAIN, {**YEARLY, "backfill": backfill})
    triggers.pause_backfill(MAIN, YEARLY)
    assert triggers.search_triggers_for_flow(MAIN, "trig.a", "t")["results"][0]["backfill"]["paused"] is True
    triggers.delete_backfill(MAIN, YEARLY)
    triggers.restart_trigger(MAIN, "trig.a", "t", "yearly")
    triggers.delete_triggers_by_query(MAIN, DeleteTriggersByQueryRequest(filters=ours))
    assert triggers.search_triggers(MAIN, filters=ours)["total"] == 0


def test_a_webhook_starts_an_execution(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("w", "trig.b", extra=TRIGGERS))
    started = client.executions.trigger_execution_by_get_webhook(MAIN, "trig.b", "w", "abcdefgh")
    assert ended(client, started.id) == "SUCCESS"
    with pytest.raises(NotFoundException):
        client.executions.trigger_execution_by_get_webhook(MAIN, "trig.b", "w", "wrong-key")


def test_a_stranger_is_kept_out(client: KestraClient) -> None:
    with (
        KestraClient(host=client._base_url, token="wrong", timeout=20) as stranger,
        pytest.raises(UnauthorizedException),
    ):
        stranger.flows.list_distinct_namespaces(MAIN)
