"""What can be asked of executions over HTTP, of one and of many."""

from __future__ import annotations

from tests.engine.api.executions.calling import PAUSE, Api
from tests.engine.api.server import flow


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
