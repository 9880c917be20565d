"""Executions over HTTP, with the real executor in process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowctl.engine.api.runtime import PART
from flowctl.engine.executor.assembling import assemble
from flowctl.engine.executor.records.records import Execution
from flowctl.model.environment import Dialect
from tests.engine.api.server import READONLY, Server, flow, running
from tests.engine.running import Engine

KEY = "company.team"
INPUTS = "inputs:\n  - {id: name, type: STRING}\n  - {id: n, type: INT, defaults: 3, max: 9}\n"
PAUSE = (
    f"id: p\nnamespace: {KEY}\ntasks:\n  - id: stop\n    type: io.kestra.plugin.core.flow.Pause\n"
    "  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}\n"
)
FAIL = f"id: bad\nnamespace: {KEY}\ntasks:\n  - {{id: fail, type: io.kestra.plugin.core.execution.Fail}}\n"


class Api:
    """A server with its executor."""

    def __init__(self, server: Server, engine: Engine) -> None:
        self.server, self.engine = server, engine

    def start(self, flow_id: str = "f", query: str = "?wait=true", **inputs: str) -> Any:
        answer = self.server.post(
            f"/executions/{KEY}/{flow_id}{query}",
            files={name: (None, value) for name, value in inputs.items()} or {"__none": (None, "x")},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def paused(self) -> str:
        self.server.save(PAUSE)
        id_ = str(self.start("p", "")["id"])
        self.engine.wait_state(id_, "PAUSED")
        return id_


def api_of(directory: Path, dialect: Dialect) -> Iterator[Api]:
    with running(directory, dialect) as server:
        executor = assemble(server.store, directory, dialect, environ={})
        server.app.state.context.parts[PART] = executor
        executor.start()
        try:
            yield Api(server, Engine(server.store, executor))
        finally:
            executor.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    yield from api_of(tmp_path / "data", "2.0")


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Api]:
    yield from api_of(tmp_path / "old", "1.3")


def test_a_form_without_a_boundary_is_no_form_as_long_as_it_is_empty(api: Api) -> None:
    """The Java client says so when it starts a flow without inputs."""
    api.server.save(flow("f"))
    headers = {"Content-Type": "multipart/form-data"}
    started = api.server.post(f"/executions/{KEY}/f?wait=true", content=b"", headers=headers)
    assert (started.status_code, started.json()["state"]["current"]) == (200, "SUCCESS")
    assert api.server.post(f"/executions/{KEY}/f", content=b"x", headers=headers).status_code == 422


def test_start_answers_the_execution(api: Api) -> None:
    api.server.save(flow(extra="labels: {team: red}\n"))
    body = api.start(query="?labels=run:1")
    assert body["url"].endswith(f"/ui/main/executions/{KEY}/f/{body['id']}")
    assert [label["key"] for label in body["labels"]] == ["team", "run", "system.from", "system.correlationId"]
    ended = api.engine.wait(body["id"])
    assert ended.state == "SUCCESS"


def test_an_assertion_is_looked_at_before_anything_runs(api: Api) -> None:
    agreed = "sla: [{id: s, type: EXECUTION_ASSERTION, assert: '{{ false }}', behavior: CANCEL}]\n"
    api.server.save(flow(extra=agreed))
    body = api.start()
    assert (body["state"]["current"], body.get("taskRunList") or []) == ("CANCELLED", [])


def test_wait_answers_the_end_with_task_runs(api: Api) -> None:
    api.server.save(flow())
    body = api.start()
    assert body["state"]["current"] == "SUCCESS"
    (run,) = body["taskRunList"]
    assert (run["taskId"], run["outputs"], run["executionId"]) == ("log", None, body["id"])
    assert [entry["state"] for entry in run["state"]["histories"]] == ["CREATED", "SUBMITTED", "RUNNING", "SUCCESS"]


def test_who_waits_is_told_when_the_execution_is_deleted(api: Api) -> None:
    api.server.save(PAUSE)
    paused: Future[str] = Future()

    def note(_: object, execution: Execution, states: object) -> None:
        if execution.state == "PAUSED":
            paused.set_result(execution.id)

    api.engine.executor.moved.append(note)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.server.post, f"/executions/{KEY}/p?wait=true")
        id_ = paused.result(20)
        api.engine.wait_state(id_, "PAUSED")
        assert api.server.delete(f"/executions/{id_}").status_code == 204
        answer = waiting.result(20)
    # it is killed before it is deleted: whoever waits sees the one or the other
    assert answer.status_code == 404 or answer.json()["state"]["current"] == "KILLED"


def test_no_body_at_all_is_fine(api: Api) -> None:
    api.server.save(flow())
    assert api.server.post(f"/executions/{KEY}/f?wait=true").json()["state"]["current"] == "SUCCESS"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/executions/{KEY}/nope", 404),
        (f"/executions/{KEY}/f?revision=9", 404),
        (f"/executions/{KEY}/f?labels=:v", 422),
        (f"/executions/{KEY}/f?labels=key:", 422),
        (f"/executions/{KEY}/f?labels=system.x:y", 422),
        (f"/executions/{KEY}/f?kind=ODD", 422),
        (f"/executions/{KEY}/f?scheduleDate=tomorrow", 422),
        (f"/executions/{KEY}/idle", 409),
        (f"/executions/{KEY}/blocked", 422),
    ],
)
def test_what_cannot_be_started(api: Api, path: str, status: int) -> None:
    for source in (
        flow(),
        flow("idle", extra="disabled: true\n"),
        flow("blocked", extra="checks:\n  - {when: 'false', message: no}\n"),
    ):
        api.server.save(source)
    assert api.server.post(path).status_code == status


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Missing required input:name"),
        ({"name": "x", "n": "abc"}, "n"),
        ({"name": "x", "n": "10"}, "less than `9`"),
    ],
)
def test_bad_inputs_are_named(api: Api, given: dict[str, str], text: str) -> None:
    api.server.save(flow(extra=INPUTS))
    answer = api.server.post(f"/executions/{KEY}/f", files={k: (None, v) for k, v in given.items()} or None)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("Invalid entity")
    assert text in answer.json()["message"]


def test_inputs_are_typed_and_unknown_ones_ignored(api: Api) -> None:
    api.server.save(flow(extra=INPUTS))
    assert api.start(name="x", n="5", other="1")["inputs"] == {"name": "x", "n": 5}


def test_a_file_input_becomes_an_address_that_can_be_downloaded(api: Api) -> None:
    api.server.save(flow(extra="inputs:\n  - {id: data, type: FILE}\n"))
    answer = api.server.post(f"/executions/{KEY}/f?wait=true", files={"data": ("d.txt", b"bytes \xff")})
    body = answer.json()
    uri = body["inputs"]["data"]
    assert uri == f"kestra:///company/team/f/executions/{body['id']}/inputs/data/d.txt"
    file = api.server.get(f"/executions/{body['id']}/file", params={"path": uri})
    assert (file.content, file.headers["content-type"]) == (b"bytes \xff", "application/octet-stream")
    assert api.server.get(f"/executions/{body['id']}/file/metas", params={"path": uri}).json() == {"size": 7}


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


def test_search_by_filters_with_totals(api: Api) -> None:
    api.server.save(flow())
    api.server.save(FAIL)
    ids = [api.start()["id"] for _ in range(3)]
    failed = api.start("bad")["id"]

    def found(query: str) -> tuple[int, list[str]]:
        body = api.server.get(f"/executions/search?{query}").json()
        return body["total"], [row["id"] for row in body["results"]]

    assert found("size=2&sort=state.startDate:asc") == (4, ids[:2])
    assert found(f"filters[namespace][EQUALS]={KEY}&filters[flowId][EQUALS]=f&size=9&sort=startDate:asc") == (3, ids)
    assert found("filters[state][IN]=FAILED,KILLED") == (1, [failed])
    assert found("filters[namespace][PREFIX]=company&filters[state][NOT_EQUALS]=SUCCESS") == (1, [failed])
    assert found("filters[flowId][EQUALS]=none") == (0, [])
    listing = api.server.get(f"/executions?namespace={KEY}&flowId=f").json()
    assert [row["id"] for row in listing["results"]] == ids


def test_search_by_label_trims_the_value(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start(query="?wait=true&labels=k:v")["id"]
    api.start()
    body = api.server.get("/executions/search", params={"filters[labels][EQUALS][k]": " v"}).json()
    assert [row["id"] for row in body["results"]] == [id_]


@pytest.mark.parametrize("query", ["page=0", "size=-1", "sort=nope", "sort=odd:asc", "filters[odd][EQUALS]=1"])
def test_search_refuses_what_it_does_not_understand(api: Api, query: str) -> None:
    assert api.server.get(f"/executions/search?{query}").status_code == 422


def test_logs_list_download_search_and_delete(api: Api) -> None:
    api.server.save(flow(message="hello"))
    id_ = api.start()["id"]
    (line,) = api.server.get(f"/logs/{id_}?minLevel=INFO&taskId=log").json()
    assert (line["message"], line["level"], line["attemptNumber"]) == ("hello", "INFO", 0)
    text = api.server.get(f"/logs/{id_}/download")
    assert "hello" in text.text
    assert text.headers["content-disposition"] == f'attachment; filename="{id_}.log"'
    assert api.server.get("/logs/search", params={"filters[q][EQUALS]": "hello"}).json()["total"] == 1
    assert api.server.delete(f"/logs/{id_}").status_code == 200
    assert api.server.get(f"/logs/{id_}").json() == []
    assert api.server.get("/logs/search?page=0").status_code == 422
    assert api.server.get(f"/logs/{id_}?minLevel=ODD").status_code == 422


def test_following_an_execution_ends_with_its_end(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start()["id"]
    answer = api.server.get(f"/executions/{id_}/follow")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part for part in answer.text.split("\n\n") if part]
    assert [part.splitlines()[0] for part in events] == ["id: progress", "id: end"]
    assert json.loads(events[-1].splitlines()[1].removeprefix("data: "))["state"]["current"] == "SUCCESS"
    assert api.server.get("/executions/nope/follow").status_code == 404


def test_following_a_log_shows_past_lines(api: Api) -> None:
    api.server.save(flow(message="hello"))
    id_ = api.start()["id"]
    assert "hello" in api.server.get(f"/logs/{id_}/follow?minLevel=INFO").text


def test_inputs_of_a_resume_are_validated_and_change_nothing(api: Api) -> None:
    api.server.save(PAUSE.replace("flow.Pause\n", "flow.Pause\n    onResume: [{id: n, type: INT, max: 9}]\n"))
    id_ = str(api.start("p", "")["id"])
    api.engine.wait_state(id_, "PAUSED")
    path = f"/executions/{id_}/actions/resume/validate"
    good, bad = (api.server.post(path, files={"n": (None, text)}).json()["inputs"] for text in ("3", "30"))
    assert [(row["input"]["id"], row["value"], row["errors"]) for row in good] == [("n", "3", [])]
    assert "9" in bad[0]["errors"][0]["message"]
    missing = api.server.post(path, files={"other": (None, "x")}).json()["inputs"]
    assert missing[0]["errors"]
    assert api.server.get(f"/executions/{id_}").json()["state"]["current"] == "PAUSED"


def test_a_resume_without_inputs_is_valid(api: Api) -> None:
    id_ = api.paused()
    answer = api.server.post(f"/executions/{id_}/actions/resume/validate")
    assert (answer.status_code, answer.json()["inputs"]) == (200, [])


def test_an_ended_execution_is_not_killed_alone(api: Api) -> None:
    api.server.save(flow())
    path = f"/executions/{api.start()['id']}/actions/kill"
    assert api.server.delete(path).json()["state"]["current"] == "SUCCESS"
    assert api.server.delete(f"{path}?isOnKillCascade=false").status_code == 409
    paused = f"/executions/{api.paused()}/actions/kill?isOnKillCascade=false"
    assert api.server.delete(paused).json()["state"]["current"] == "KILLING"


def test_resume_restart_replay_and_status_by_action(api: Api) -> None:
    id_ = api.paused()
    assert api.server.post(f"/executions/{id_}/actions/resume").json()["state"]["current"] == "RESTARTED"
    api.engine.wait(id_)
    assert api.server.post(f"/executions/{id_}/actions/resume").status_code == 409
    assert api.server.post(f"/executions/{id_}/actions/restart").status_code == 409
    new = api.server.post(f"/executions/{id_}/actions/replay").json()
    assert (new["parentId"], new["id"] != id_) == (id_, True)
    changed = api.server.post(f"/executions/{id_}/actions/change-status?status=WARNING")
    assert changed.json()["state"]["current"] == "WARNING"
    assert api.server.post(f"/executions/{id_}/actions/replay?taskRunId=nope").status_code == 422
    assert api.server.post(f"/executions/{id_}/actions/change-status?status=RUNNING").status_code == 422


def test_kill_in_both_generations(api: Api, old: Api) -> None:
    id_ = api.paused()
    answer = api.server.delete(f"/executions/{id_}/actions/kill")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/json")
    assert api.engine.wait(id_).state == "KILLED"
    assert api.server.delete(f"/executions/{id_}/kill").status_code == 405
    other = old.paused()
    assert old.server.delete(f"/executions/{other}/kill").status_code == 202
    assert old.engine.wait(other).state == "KILLED"
    assert api.server.delete("/executions/nope/actions/kill").status_code == 404


def test_labels_are_replaced_but_for_those_of_the_system(api: Api) -> None:
    api.server.save(flow(extra="labels: {team: red}\n"))
    id_ = api.start()["id"]
    answer = api.server.post(f"/executions/{id_}/actions/labels", json=[{"key": "k", "value": "v"}])
    assert [label["key"] for label in answer.json()["labels"]] == ["k", "system.from", "system.correlationId"]
    for bad in ([{"key": None, "value": "v"}], [{"key": "system.x", "value": "v"}], {"k": "v"}):
        assert api.server.post(f"/executions/{id_}/actions/labels", json=bad).status_code == 422


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


def test_bulk_actions_do_all_or_nothing_by_ids(api: Api) -> None:
    first, second = api.paused(), api.paused()
    assert api.server.post("/executions/resume/by-ids", json=[first, "nope"]).status_code == 400
    assert api.engine.read(first).state == "PAUSED"
    answer = api.server.post("/executions/resume/by-ids", json=[first, second])
    assert (answer.status_code, answer.json()["totalItems"]) == (202, 2)
    assert {api.engine.wait(id_).state for id_ in (first, second)} == {"SUCCESS"}
    assert api.server.post("/executions/resume/by-ids", json=[first]).status_code == 400
    killed = api.paused()
    query = "?filters[state][EQUALS]=PAUSED"
    assert api.server.delete(f"/executions/kill/by-query{query}").json()["totalItems"] == 1
    assert api.engine.wait(killed).state == "KILLED"


def test_deleting_one_and_many(api: Api) -> None:
    api.server.save(flow())
    ids = [api.start()["id"] for _ in range(3)]
    assert api.server.delete(f"/executions/{ids[0]}").status_code == 204
    assert api.server.get(f"/executions/{ids[0]}").status_code == 404
    assert api.server.get(f"/logs/{ids[0]}").json() == []
    assert api.server.delete("/executions/by-query?filters[flowId][EQUALS]=f").json() == {"count": 2}
    assert api.server.get("/executions/search").json() == {"results": [], "total": 0}


def test_starting_needs_more_than_reading(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start()["id"]
    assert api.server.post(f"/executions/{KEY}/f", token=READONLY).status_code == 403
    assert api.server.get(f"/executions/{id_}", token=READONLY).status_code == 200
    assert api.server.get(f"/executions/{id_}", token=None).status_code == 401
    assert api.server.get(f"/logs/{id_}/follow", token=None).status_code == 401


def test_an_unknown_execution_is_not_found_everywhere(api: Api) -> None:
    for path in ("", "/flow", "/graph", "/file?path=kestra:///x", "/follow"):
        assert api.server.get(f"/executions/nope{path}").status_code == 404, path
    for action in ("restart", "replay", "resume", "pause", "force-run", "unqueue", "change-status?status=SUCCESS"):
        assert api.server.post(f"/executions/nope/actions/{action}").status_code == 404, action


def test_metrics_are_paged(api: Api) -> None:
    tasks = (
        "tasks:\n  - id: m\n    type: io.kestra.plugin.core.metric.Publish\n    metrics:\n"
        "      - {type: counter, name: rows, value: 5, tags: {t: x}}\n"
        "      - {type: timer, name: took, value: PT1.5S}\n"
    )
    api.server.save(f"id: f\nnamespace: {KEY}\n{tasks}")
    id_ = api.start()["id"]
    body = api.server.get(f"/metrics/{id_}?size=1").json()
    assert (body["total"], body["results"][0]["name"], body["results"][0]["tags"]) == (2, "rows", {"t": "x"})
    assert api.server.get(f"/metrics/names/{KEY}/f").json() == ["rows", "took"]
    sums = api.server.get(f"/metrics/aggregates/{KEY}/f/took?aggregation=sum").json()["aggregations"]
    assert [row["value"] for row in sums] == [1.5]


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
