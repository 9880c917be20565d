"""kestrapy's FlowsApi against the bundled server: many flows at once, revisions, graphs, dependencies, validation."""

from __future__ import annotations

import io
import zipfile

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import ApiException, ConflictException, NotFoundException, UnprocessableEntityException
from kestrapy.models.concurrency_limit import ConcurrencyLimit
from kestrapy.models.id_with_namespace import IdWithNamespace

from tests.clients.talking import MAIN, source, where

LOG = "io.kestra.plugin.core.log.Log"
CALL = "  - {{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {0}, flowId: {1}, wait: true}}\n"


def names(rows: object) -> list[tuple[str, str]]:
    return [(row.namespace, row.id) for row in rows]  # type: ignore[attr-defined]  # generated models


def test_many_flows_are_written_in_one_request(client: KestraClient) -> None:
    flows = client.flows
    both = source("x", "bulk.a") + "---\n" + source("y", "bulk.a.b")
    assert names(flows.bulk_update_flows(MAIN, namespace="bulk.a", allow_namespace_child=True, body=both)) == [
        ("bulk.a", "x"),
        ("bulk.a.b", "y"),
    ]
    with pytest.raises(UnprocessableEntityException):
        flows.bulk_update_flows(MAIN, delete=False, namespace="bulk.a", body=both)
    kept = flows.bulk_update_flows(MAIN, delete=False, body=source("x", "bulk.a"))
    assert [row.revision for row in kept] == [1]
    swapped = flows.bulk_update_flows(MAIN, delete=True, namespace="bulk.a", body=source("z", "bulk.a"))
    assert names(swapped) == [("bulk.a", "x"), ("bulk.a", "z")]
    assert names(flows.bulk_update_flows(MAIN, delete=True, namespace="bulk.a")) == [("bulk.a", "z")]
    assert names(flows.list_flows_by_namespace("bulk.a.b", MAIN)) == [("bulk.a.b", "y")]


def test_a_namespace_takes_flows_of_another_with_override(client: KestraClient) -> None:
    written = client.flows.update_flows_in_namespace(
        "bulk.c", MAIN, source("x", "elsewhere"), delete=False, override=True
    )
    assert names(written) == [("bulk.c", "x")]
    assert "namespace: bulk.c\n" in client.flows.flow("bulk.c", "x", MAIN, source=True).source
    with pytest.raises(UnprocessableEntityException):
        client.flows.update_flows_in_namespace("bulk.c", MAIN, source("x", "elsewhere"), delete=False)


def test_flows_are_chosen_by_ids(client: KestraClient) -> None:
    flows = client.flows
    ids = [IdWithNamespace(namespace="ids.a", id=name) for name in ("one", "two")]
    for name in ("one", "two", "three"):
        flows.create_flow(MAIN, source(name, "ids.a"))
    packed = zipfile.ZipFile(io.BytesIO(flows.export_flows_by_ids(MAIN, ids)))
    assert sorted(packed.namelist()) == ["ids.a.one.yaml", "ids.a.two.yaml"]
    assert packed.read("ids.a.one.yaml").decode() == source("one", "ids.a")
    assert flows.delete_flows_by_ids(MAIN, ids).count == 2
    assert names(flows.list_flows_by_namespace("ids.a", MAIN)) == [("ids.a", "three")]
    for ask in (flows.delete_flows_by_ids, flows.export_flows_by_ids, flows.disable_flows_by_ids):
        with pytest.raises(NotFoundException):
            ask(MAIN, ids)


def test_flows_are_switched_by_query(client: KestraClient) -> None:
    flows = client.flows
    for name in ("one", "two"):
        flows.create_flow(MAIN, source(name, "query.a"))
    ours = where("namespace", "query.a")
    assert flows.disable_flows_by_query(MAIN, ours + where("flowId", "two")).count == 1
    assert flows.disable_flows_by_query(MAIN, ours).count == 1
    assert flows.enable_flows_by_query(MAIN, ours + where("labels", {"team": "data"})).count == 2
    with pytest.raises(ApiException):
        flows.disable_flows_by_query(MAIN, where("state", "SUCCESS"))


def test_revisions_are_listed_and_dropped(client: KestraClient) -> None:
    flows, text = client.flows, source("r", "revisions.a")
    flows.create_flow(MAIN, text)
    for number in (2, 3, 4):
        assert flows.update_flow("revisions.a", "r", MAIN, f"{text}# {number}\n").revision == number
    flows.delete_revisions("revisions.a", "r", MAIN, [1, 3])
    assert [row.revision for row in flows.list_flow_revisions("revisions.a", "r", MAIN)] == [2, 4]
    flows.delete_flow("revisions.a", "r", MAIN)
    every = flows.list_flow_revisions("revisions.a", "r", MAIN, allow_delete=True)
    assert [(row.revision, row.deleted) for row in every][-1] == (5, True)
    assert flows.flow("revisions.a", "r", MAIN, allow_deleted=True).deleted is True
    assert flows.create_flow(MAIN, text).revision == 6


def test_pages_of_flows_in_an_order(client: KestraClient) -> None:
    flows, ours = client.flows, where("namespace", "pages", "PREFIX")
    for namespace, name in (("pages.a", "x"), ("pages.a", "y"), ("pages.b", "x")):
        flows.create_flow(MAIN, source(name, namespace))
    page = [names(flows.search_flows(MAIN, n, 2, ["namespace:desc", "id:asc"], ours).results) for n in (1, 2)]
    assert page == [[("pages.b", "x"), ("pages.a", "x")], [("pages.a", "y")]]
    assert flows.search_flows(MAIN, page=3, size=2, filters=ours).results == []
    for bad in ({"sort": ["id"]}, {"sort": ["id:asc:x"]}, {"page": 0}, {"size": -1}):
        with pytest.raises(UnprocessableEntityException):
            flows.search_flows(MAIN, **bad)


@pytest.mark.parametrize(
    ("chosen", "columns"),
    [
        ({"q": "HELLO"}, [9, 63]),
        ({"q": "HELLO", "case_sensitive": True}, []),
        ({"q": "hel", "whole_word": True}, []),
        ({"q": "hel+o", "regex": True}, [9, 63]),
        ({"q": "hello", "scope": "INPUTS"}, []),
        ({"q": "hello", "scope": "TASKS"}, [9, 63]),
    ],
)
def test_sources_are_searched(client: KestraClient, chosen: dict[str, object], columns: list[int]) -> None:
    client.flows.update_flows_in_namespace("source.a", MAIN, source("s", "source.a"))
    found = client.flows.search_flows_by_source_code(MAIN, 1, 5, ["id:asc"], namespace="source", **chosen)
    assert found.total == (1 if columns else 0)
    assert [match.column for row in found.results for match in row.matches] == columns
    assert all("hello" in match.snippet for row in found.results for match in row.matches)


def test_sources_are_changed_where_a_search_finds_something(client: KestraClient) -> None:
    flows, key = client.flows, {"namespace": "replace.a", "id": "s"}
    flows.create_flow(MAIN, source("s", "replace.a"))
    asked = {"query": "hello {{", "replacement": "bye {{"}
    shown = flows.preview_replace_by_source_code(MAIN, {**asked, "namespace": "replace.a"})
    assert (shown["totalFlows"], "bye {{" in shown["flows"][0]["matches"][0]["after"]) == (1, True)
    done = flows.apply_replace_by_source_code(MAIN, {**asked, "flows": [key, {**key, "id": "nope"}]})
    assert [row["revision"] for row in done["updated"]] == [2]
    assert [row["reason"] for row in done["skipped"]] == ["NOT_FOUND"]
    line = flows.replace_line_by_source_code(MAIN, {"query": "bye", "replacement": "hi", **key})
    assert (line["revision"], "hi {{" in line["source"]) == (3, True)


def test_a_flow_is_written_from_an_object(client: KestraClient) -> None:
    flows = client.flows
    value = {"id": "o", "namespace": "objects.a", "tasks": [{"id": "a", "type": LOG, "message": "x"}]}
    assert flows.create_flow_from_object(MAIN, value).revision == 1
    assert flows.update_flow_from_object("objects.a", "o", MAIN, {**value, "description": "d"}).revision == 2
    read = flows.flow("objects.a", "o", MAIN)
    assert flows.update_flow_from_object("objects.a", "o", MAIN, read).description == "d"


def test_a_draft_is_kept_from_an_object_and_published(client: KestraClient) -> None:
    flows = client.flows
    value = {"id": "d", "namespace": "drafts.a", "tasks": [{"id": "a", "type": "no.such.Type"}]}
    assert flows.create_flow_from_object(MAIN, value, draft=True).draft is True
    assert flows.flow("drafts.a", "d", MAIN).draft is True
    with pytest.raises(ConflictException):
        client.executions.create_execution(MAIN, "drafts.a", "d")
    sound = {**value, "tasks": [{"id": "a", "type": LOG, "message": "x"}]}
    assert flows.update_flow_from_object("drafts.a", "d", MAIN, sound, draft=True).revision == 2
    named = client.executions.create_execution(MAIN, "drafts.a", "d", wait=True, revision=2, kind="TEST")
    assert named.state.current.value == "SUCCESS"
    assert flows.update_flow_from_object("drafts.a", "d", MAIN, sound, draft=False).revision == 3
    assert client.executions.create_execution(MAIN, "drafts.a", "d", wait=True).flow_revision == 3


def test_the_graph_and_the_dependencies_of_flows(client: KestraClient) -> None:
    flows = client.flows
    flows.create_flow(MAIN, source("child", "graph.a"))
    flows.create_flow(MAIN, source("parent", "graph.a", CALL.format("graph.a", "child")))
    flows.create_flow(MAIN, source("grand", "graph.b", CALL.format("graph.a", "parent")))
    near = flows.flow_dependencies("graph.a", "child", MAIN, destination_only=False, expand_all=False)
    assert sorted(node.id for node in near.nodes) == ["child", "parent"]
    assert [(edge.source, edge.target, edge.relation.value) for edge in near.edges] == [
        ("graph.a_parent", "graph.a_child", "FLOW_TASK")
    ]
    far = flows.flow_dependencies("graph.a", "child", MAIN, expand_all=True)
    assert sorted(node.id for node in far.nodes) == ["child", "grand", "parent"]
    whole = flows.flow_dependencies_from_namespace("graph.a", MAIN, destination_only=False)
    assert {"child", "parent"} <= {node.id for node in whole.nodes}
    stored = flows.generate_flow_graph("graph.a", "parent", MAIN, revision=1)
    drawn = flows.generate_flow_graph_from_source(MAIN, source("parent", "graph.a", CALL.format("graph.a", "child")))
    assert "root.call" in {node.uid for node in stored.nodes}
    assert len(stored.nodes) == len(drawn.nodes)
    opened = flows.generate_flow_graph("graph.b", "grand", MAIN, subflows=["root.call", "root.call.call"])
    assert {"root.call.call", "root.call.call.hello"} <= {node.uid for node in opened.nodes}
    assert len(opened.clusters) == 2
    assert stored.edges


def test_single_tasks_and_triggers_are_validated(client: KestraClient) -> None:
    flows = client.flows
    assert not flows.validate_task("TASKS", MAIN, {"id": "a", "type": LOG, "message": "x"}).constraints
    assert "no.such.Type" in flows.validate_task("TASKS", MAIN, {"id": "a", "type": "no.such.Type"}).constraints
    schedule = {"id": "t", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "* * * * *"}
    assert not flows.validate_task("TRIGGERS", MAIN, schedule).constraints
    assert not flows.validate_trigger(MAIN, schedule).constraints
    assert "cron" in flows.validate_trigger(MAIN, {"id": "t", "type": schedule["type"]}).constraints


def test_several_flows_are_validated_in_their_order(client: KestraClient) -> None:
    found = client.flows.validate_flows(MAIN, source("v", "validate.a") + "\n---\nid: half\n")
    assert [(item.index, item.flow, bool(item.constraints)) for item in found] == [(0, "v", False), (1, "half", True)]


def test_an_import_says_what_failed(client: KestraClient) -> None:
    content = (source("i", "import.a") + "---\nid: half\n").encode()
    assert client.flows.import_flows(MAIN, fail_on_error=False, file_content=content) == ["1"]
    with pytest.raises(UnprocessableEntityException):
        client.flows.import_flows(MAIN, fail_on_error=True, file_content=content)
    assert client.flows.flow("import.a", "i", MAIN).revision == 1


def test_old_types_are_listed(client: KestraClient) -> None:
    old = "  - {id: e, type: io.kestra.plugin.core.storage.Purge, endDate: '2001-01-01T00:00:00Z'}\n"
    client.flows.create_flow(MAIN, source("old", "deprecated.a", old))
    found = client.flows.list_deprecated(MAIN, namespace="deprecated.a")
    assert [(row["flowId"], row["deprecatedTasks"][0]["taskId"]) for row in found] == [("old", "e")]


def test_what_expressions_can_name_is_told_to_editors(client: KestraClient) -> None:
    found = client.flows.expressions(MAIN, source("e", "express.a"), task_id="hello")
    assert {"inputs", "filters", "functions"} <= set(found)


def test_limits_of_concurrency_are_listed_and_set(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("c", "limit.a", extra="concurrency: {limit: 1, behavior: QUEUE}\n"))
    found = [row for row in client.flows.search_concurrency_limits(MAIN).results if row.namespace == "limit.a"]
    assert [(row.flow_id, row.running) for row in found] == [("c", 0)]
    limit = ConcurrencyLimit(tenantId=MAIN, namespace="limit.a", flowId="c", running=0)
    assert client.flows.update_concurrency_limit("limit.a", "c", MAIN, limit).running == 0


def test_a_task_is_read_of_a_revision(client: KestraClient) -> None:
    flows = client.flows
    flows.create_flow(MAIN, source("t", "task.a"))
    flows.update_flow("task.a", "t", MAIN, source("t", "task.a").replace("id: hello", "id: renamed"))
    assert flows.task_from_flow("task.a", "t", "hello", MAIN, revision=1).id == "hello"
    with pytest.raises(NotFoundException):
        flows.task_from_flow("task.a", "t", "hello", MAIN)
