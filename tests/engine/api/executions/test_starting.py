"""Starting executions over HTTP: inputs, files, and what cannot be started."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from flowctl.engine.executor.records.records import Execution
from tests.engine.api.executions.calling import INPUTS, KEY, PAUSE, Api
from tests.engine.api.server import READONLY, flow


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


def test_starting_needs_more_than_reading(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start()["id"]
    assert api.server.post(f"/executions/{KEY}/f", token=READONLY).status_code == 403
    assert api.server.get(f"/executions/{id_}", token=READONLY).status_code == 200
    assert api.server.get(f"/executions/{id_}", token=None).status_code == 401
    assert api.server.get(f"/logs/{id_}/follow", token=None).status_code == 401
