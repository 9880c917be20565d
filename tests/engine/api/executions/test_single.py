"""Single executions over HTTP: reading them, what belongs to them, and who may."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.api.executions.calling import KEY, Api, api_of
from tests.engine.api.server import flow


def test_an_assertion_is_looked_at_before_anything_runs(api: Api) -> None:
    agreed = "sla: [{id: s, type: EXECUTION_ASSERTION, assert: '{{ false }}', behavior: CANCEL}]\n"
    api.server.save(flow(extra=agreed))
    body = api.start()
    assert (body["state"]["current"], body.get("taskRunList") or []) == ("CANCELLED", [])


def test_the_log_file_of_an_attempt_can_be_downloaded(api: Api) -> None:
    task = "  - {id: t, type: io.kestra.plugin.core.log.Log, message: hello, logToFile: true}\n"
    api.server.save(f"id: f\nnamespace: {KEY}\ntasks:\n{task}")
    body = api.start()
    (attempt,) = body["taskRunList"][0]["attempts"]
    file = api.server.get(f"/executions/{body['id']}/file", params={"path": attempt["logFile"]})
    assert file.text.endswith(" INFO  hello\n")


@pytest.mark.parametrize(
    "path",
    [
        "kestra:///company/team/f/executions/OTHER/inputs/data/d.txt",
        "kestra:///../../../etc/passwd",
        "kestra:///company/%2e%2e/%2e%2e/flowctl.db",
        "file:///etc/passwd",
        "/etc/passwd",
    ],
)
def test_no_path_leads_to_another_file(api: Api, path: str) -> None:
    api.server.save(flow())
    body = api.start()
    assert api.server.get(f"/executions/{body['id']}/file", params={"path": path}).status_code == 404


def test_reading_in_both_generations(api: Api, old: Api) -> None:
    for one in (api, old):
        one.server.save(flow(message='"{{ execution.id }}"'))
    new_body = api.server.get(f"/executions/{api.start()['id']}").json()
    old_body = old.server.get(f"/executions/{old.start()['id']}").json()
    assert ("tenantId" in new_body, "deleted" in new_body) == (True, False)
    assert ("tenantId" in old_body, "deleted" in old_body) == (False, True)
    assert "executionId" not in new_body["taskRunList"][0]
    assert old_body["taskRunList"][0]["outputs"] == {}


def test_outputs_are_read_per_task_run(api: Api) -> None:
    tasks = "tasks:\n  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n"
    api.server.save(f"id: f\nnamespace: {KEY}\n{tasks}")
    body = api.start()
    (row,) = api.server.get(f"/outputs/{body['id']}").json()
    assert (row["taskId"], row["inline"]) == ("r", True)
    assert api.server.get(f"/outputs/{body['id']}/{row['taskRunId']}").json() == {"value": "x"}
    assert api.server.get(f"/outputs/{body['id']}/nope").status_code == 404


def test_evaluating_an_expression(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start()["id"]
    ask = f"/executions/{id_}/actions/eval"
    assert api.server.post(ask, content="{{ flow.id }}").json() == {"result": "f"}
    bad = api.server.post(ask, content="{{ nope }}")
    assert (bad.status_code, "nope" in bad.json()["error"]) == (200, True)


@pytest.mark.parametrize("dialect", ["1.3", "lenient"])
def test_eval_of_clients_of_1_3_hides_no_flow_of_that_name(tmp_path: Path, dialect: Dialect) -> None:
    with contextmanager(api_of)(tmp_path, dialect) as api:
        api.server.save(flow())
        api.server.save(flow("eval"))
        id_ = api.start()["id"]
        plain = {"Content-Type": "text/plain"}
        answer = api.server.post(f"/executions/{id_}/eval", content="{{ flow.id }}", headers=plain)
        assert answer.json() == {"result": "f"}
        assert api.server.post("/executions/company.team/eval?wait=true").json()["flowId"] == "eval"
        assert api.server.post("/executions/company.nobody/eval").status_code == 404


def test_graph_and_flow_of_an_execution(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start()["id"]
    body = api.server.get(f"/executions/{id_}/flow").json()
    assert body["tasks"] == [{"id": "log", "type": "io.kestra.plugin.core.log.Log"}]
    nodes = api.server.get(f"/executions/{id_}/graph").json()["nodes"]
    (task,) = [node for node in nodes if "task" in node]
    assert task["taskRun"]["state"]["current"] == "SUCCESS"


def test_an_unknown_execution_is_not_found_everywhere(api: Api) -> None:
    for path in ("", "/flow", "/graph", "/file?path=kestra:///x", "/follow"):
        assert api.server.get(f"/executions/nope{path}").status_code == 404, path
    for action in ("restart", "replay", "resume", "pause", "force-run", "unqueue", "change-status?status=SUCCESS"):
        assert api.server.post(f"/executions/nope/actions/{action}").status_code == 404, action


def test_answers_have_the_variables_of_the_flow_with_what_tasks_made_of_them(api: Api) -> None:
    core = "io.kestra.plugin.core.execution."
    tasks = f"  - {{id: set, type: {core}SetVariables, variables: {{a: 2, n: 5}}}}\n"
    text = f"id: f\nnamespace: {KEY}\nvariables: {{a: 1, b: {{c: x}}}}\ntasks:\n{tasks}"
    api.server.save(text)
    assert api.start(query="")["variables"] == {"a": 1, "b": {"c": "x"}}
    ended = api.start()
    assert ended["variables"] == {"a": 2, "b": {"c": "x"}, "n": 5}
    assert api.server.get(f"/executions/{ended['id']}").json()["variables"] == ended["variables"]


def test_a_subflows_execution_names_its_parent_in_the_trigger_alone(api: Api) -> None:
    api.server.save(flow())
    call = f"  - {{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {KEY}, flowId: f}}\n"
    api.server.save(f"id: caller\nnamespace: {KEY}\ntasks:\n{call}")
    caller = api.start("caller")
    (child,) = api.server.get(f"/executions/search?filters[triggerExecutionId][EQUALS]={caller['id']}").json()[
        "results"
    ]
    assert "parentId" not in child and child["trigger"]["variables"]["executionId"] == caller["id"]
    replayed = api.server.post(f"/executions/{child['id']}/actions/replay").json()
    assert replayed["parentId"] == child["id"]
