"""Graphs, single tasks, dependencies, the catalogue, the instance."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from flowctl.engine.api.http.problems import pointer
from tests.engine.api.server import YAML, Server, flow

LOG = "io.kestra.plugin.core.log.Log"
SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"


def calling(id_: str, *children: str) -> str:
    tasks = "".join(
        f"  - id: call-{child}\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: company.team\n"
        f"    flowId: {child}\n"
        for child in children
    )
    return f"id: {id_}\nnamespace: company.team\ntasks:\n{tasks}"


NESTED = f"""\
id: nested
namespace: company.team
tasks:
  - id: par
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {{id: one, type: {LOG}, message: a}}
      - {{id: two, type: {LOG}, message: b}}
  - {{id: last, type: {LOG}, message: c}}
"""


def test_direct_neighbours_and_all_that_hangs_together(server: Server) -> None:
    for text in (flow("c"), calling("b", "c"), calling("a", "b"), calling("z", "c"), flow("alone")):
        assert server.save(text).status_code == 200
    direct = server.get("/flows/company.team/c/dependencies").json()
    assert [node["id"] for node in direct["nodes"]] == ["b", "c", "z"]
    assert {(edge["source"], edge["target"], edge["relation"]) for edge in direct["edges"]} == {
        ("company.team_b", "company.team_c", "FLOW_TASK"),
        ("company.team_z", "company.team_c", "FLOW_TASK"),
    }
    whole = [server.get(f"/flows/company.team/{id_}/dependencies?expandAll=true").json() for id_ in "abcz"]
    assert len(whole[0]["edges"]) == 3
    assert all(found == whole[0] for found in whole)
    assert server.get("/flows/company.team/alone/dependencies").json() == {"nodes": [], "edges": []}
    assert len(server.get("/namespaces/company.team/dependencies").json()["nodes"]) == 5
    outwards = server.get("/flows/company.team/c/dependencies?destinationOnly=true").json()
    assert outwards == {"nodes": [], "edges": []}


def test_a_graph_has_every_task_and_a_cluster_per_group(server: Server) -> None:
    server.save(NESTED)
    body = server.get("/flows/company.team/nested/graph").json()
    tasks = {node["task"]["id"] for node in body["nodes"] if "task" in node}
    assert tasks == {"par", "one", "two", "last"}
    assert [cluster["cluster"]["uid"] for cluster in body["clusters"]] == ["cluster_root.par"]
    uids = {node["uid"] for node in body["nodes"]}
    assert all(edge["source"] in uids and edge["target"] in uids for edge in body["edges"])
    assert len(uids) == len(body["nodes"])
    assert server.get("/flows/company.team/nested/graph").json() == body
    assert server.get("/flows/company.team/nope/graph").status_code == 404


def test_a_graph_shows_the_flows_that_are_asked_for(server: Server) -> None:
    for text in (NESTED, calling("middle", "nested"), calling("outer", "middle", "nested")):
        assert server.save(text).status_code == 200
    path = "/flows/company.team/outer/graph"
    closed = server.get(path).json()
    assert closed["clusters"] == []
    assert [node["type"].rpartition(".")[2] for node in closed["nodes"] if "task" in node] == ["SubflowGraphTask"] * 2
    first, second = "root.call-middle", "root.call-middle.call-nested"
    body = server.get(path, params={"subflows": [first, second]}).json()
    uids = [node["uid"] for node in body["nodes"]]
    assert len(set(uids)) == len(uids)
    assert {second, f"{second}.par", f"{second}.par.one", f"{second}.last", "root.call-nested"} <= set(uids)
    assert all(edge["source"] in uids and edge["target"] in uids for edge in body["edges"])
    clusters = {item["cluster"]["uid"]: item for item in body["clusters"]}
    kinds = {uid: item["cluster"]["type"].rpartition(".")[2] for uid, item in clusters.items()}
    assert kinds == {
        f"cluster_{first}": "SubflowGraphCluster",
        f"cluster_{second}": "SubflowGraphCluster",
        f"cluster_{second}.par": "GraphCluster",
    }
    assert clusters[f"cluster_{second}.par"]["parents"] == [f"cluster_{first}", f"cluster_{second}"]
    assert clusters[f"cluster_{first}"]["cluster"]["taskNode"]["task"]["flowId"] == "middle"
    text = server.get("/flows/company.team/outer?source=true").json()["source"]
    assert server.post(f"/flows/graph?subflows={first},{second}", content=text, headers=YAML).json() == body


def test_a_graph_of_a_flow_that_is_not_there_is_404(server: Server) -> None:
    server.save(calling("outer", "gone"))
    assert server.get("/flows/company.team/outer/graph?subflows=root.call-gone").status_code == 404
    assert server.get("/flows/company.team/outer/graph?subflows=root.nope").status_code == 200
    assert server.get("/flows/company.team/outer/graph?subflows=" + ",".join("x" * 101)).status_code == 422


def test_single_tasks_at_any_depth(server: Server) -> None:
    server.save(NESTED)
    assert server.get("/flows/company.team/nested/tasks/two").json() == {"id": "two", "type": LOG, "message": "b"}
    assert server.get("/flows/company.team/nested/tasks/nope").status_code == 404


def test_the_catalogue(server: Server) -> None:
    body = server.get("/api/v1/plugins").json()
    assert body["total"] == len(body["results"]) > 1
    core = next(item for item in body["results"] if item["group"] == "io.kestra.plugin.core")
    assert LOG in {task["cls"] for task in core["tasks"]}
    page = server.get(f"/api/v1/plugins/{LOG}").json()
    assert "message" in page["markdown"]
    assert "message" in page["schema"]["properties"]
    assert server.get("/api/v1/plugins/no.such.Type").status_code == 404
    assert {"type": "STRING", "cls": "io.kestra.core.models.flows.input.STRING"} in server.get(
        "/api/v1/plugins/inputs"
    ).json()
    assert server.get("/api/v1/plugins/schemas/nope").status_code == 404


@pytest.mark.parametrize(
    ("word", "sound", "wrong"),
    [
        ("flow", {"id": "f", "namespace": "n", "tasks": [{"id": "a", "type": LOG, "message": "m"}]}, {"id": "f"}),
        ("task", {"id": "a", "type": LOG, "message": "m"}, {"id": "s", "type": SCHEDULE, "cron": "@daily"}),
        ("trigger", {"id": "s", "type": SCHEDULE, "cron": "@daily"}, {"id": "a", "type": LOG, "message": "m"}),
    ],
)
def test_a_schema_takes_what_it_is_of_and_lists_of_it(
    server: Server, word: str, sound: dict[str, object], wrong: dict[str, object]
) -> None:
    one = Draft7Validator(server.get(f"/api/v1/plugins/schemas/{word}").json())
    assert one.is_valid(sound)
    assert not one.is_valid(wrong)
    many = Draft7Validator(server.get(f"/api/v1/plugins/schemas/{word}?arrayOf=true").json())
    assert many.is_valid([sound])
    assert not many.is_valid(sound)


def test_configs_and_health(server: Server) -> None:
    body = server.get("/api/v1/configs").json()
    assert (body["version"], body["uuid"], body["edition"]) == ("2.0.0", server.store.uuid, "OSS")
    assert server.get("/api/v1/configs/login", token=None).json() == {"isBasicAuthInitialized": True}
    assert server.get("/api/v1/flowctl/ready", token=None).json() == {"status": "UP"}
    assert server.get("/api/v1/flowctl/health").json()["status"] == "UP"
    assert server.get("/api/v1/flowctl/health", token=None).status_code == 401
    text = server.get("/api/v1/flowctl/metrics").text
    assert "flowctl_http_requests_total" in text


def test_not_found_says_whether_the_route_is_there(server: Server) -> None:
    for path, matched in (("/flows/a/b", "true"), ("/no/such/route", "false")):
        answer = server.get(path)
        assert answer.status_code == 404
        assert (answer.headers["x-kestra-edition"], answer.headers["x-kestra-route-matched"]) == ("OSS", matched)


def test_problems_speak_to_both_generations(server: Server) -> None:
    body = server.save("id: a\nnamespace: b\n").json()
    assert body["type"] == "https://kestra.io/docs/api-reference/problems/validation-failed"
    assert (body["title"], body["status"], body["instance"]) == ("Validation failed", 422, "/api/v1/main/flows")
    assert body["errors"][0].keys() == {"detail", "pointer", "path"}
    assert body["message"].startswith("Invalid entity: ")
    assert body["_embedded"]["errors"][0]["message"] == body["errors"][0]["detail"]


def test_pointers() -> None:
    assert pointer("tasks[0].message") == "/tasks/0/message"
    assert pointer("a/b.c~d") == "/a~1b/c~0d"
    assert pointer("") == ""


def test_flows_with_old_types_are_listed(server: Server) -> None:
    assert server.get("/flows/deprecated").json() == []
