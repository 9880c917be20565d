"""Many flows in one request."""

from __future__ import annotations

import json

from tests.engine.api.server import YAML, Server, flow


def there(server: Server, namespace: str = "company.team") -> list[tuple[str, int]]:
    return [(row["id"], row["revision"]) for row in server.get(f"/flows/{namespace}").json()]


def post(server: Server, path: str, *texts: str) -> list[dict[str, object]]:
    answer = server.post(path, content="---\n".join(texts), headers=YAML)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def by_ids(*ids: str) -> dict[str, object]:
    return {"content": json.dumps([{"namespace": "company.team", "id": id_} for id_ in ids])}


def test_a_namespace_update_deletes_what_is_absent_and_answers_it_first(server: Server) -> None:
    assert len(post(server, "/flows/company.team", flow("f1"), flow("f2"), flow("f3"))) == 3
    server.save(flow("other", "company.team.sub"))
    answer = post(server, "/flows/company.team", flow("f3", message="new"), flow("f4"))
    assert [item["id"] for item in answer] == ["f1", "f2", "f3", "f4"]
    assert [item["deleted"] for item in answer] == [False] * 4
    assert there(server) == [("f3", 2), ("f4", 1)]
    assert there(server, "company.team.sub") == [("other", 1)]


def test_an_empty_body_empties_the_namespace(server: Server) -> None:
    server.save(flow("f1"))
    assert server.post("/flows/company.team").status_code == 200
    assert there(server) == []


def test_without_delete_nothing_goes(server: Server) -> None:
    server.save(flow("keep"))
    post(server, "/flows/company.team?delete=false", flow("new"))
    post(server, "/flows/bulk?delete=false", flow("more"))
    assert there(server) == [("keep", 1), ("more", 1), ("new", 1)]


def test_bulk_deletes_in_its_namespace_or_in_the_whole_tenant(server: Server) -> None:
    server.save(flow("a", "one"))
    server.save(flow("b", "two"))
    post(server, "/flows/bulk?namespace=one", flow("c", "one"))
    assert (there(server, "one"), there(server, "two")) == ([("c", 1)], [("b", 1)])
    post(server, "/flows/bulk", flow("d", "one"))
    assert (there(server, "one"), there(server, "two")) == ([("d", 1)], [])


def test_nothing_is_written_when_one_is_unsound(server: Server) -> None:
    server.save(flow("f1"))
    for path, texts, words in (
        ("/flows/company.team", [flow("f2"), flow("f3", "elsewhere")], "flow.namespace"),
        ("/flows/company.team", [flow("f2"), flow("f2")], "flow.id: Duplicate"),
        ("/flows/bulk", [flow("f2"), "id: ["], "yaml"),
        ("/flows/bulk?namespace=company", [flow("f2")], "flow.namespace"),
    ):
        answer = server.post(path, content="---\n".join(texts), headers=YAML)
        assert answer.status_code == 422
        assert words in answer.text
    assert there(server) == [("f1", 1)]


def test_children_pass_when_they_are_allowed(server: Server) -> None:
    post(server, "/flows/bulk?namespace=company&allowNamespaceChild=true&delete=false", flow("f1"))
    assert there(server) == [("f1", 1)]


def test_override_puts_flows_into_the_namespace_of_the_path(server: Server) -> None:
    answer = post(server, "/flows/target?override=true", flow("f1"))
    assert answer[0]["namespace"] == "target"
    assert "namespace: target\n" in str(answer[0]["source"])


def test_a_separator_inside_a_string_separates_nothing(server: Server) -> None:
    text = flow("f1", message="|\n      a\n      ---\n      b")
    assert len(post(server, "/flows/bulk?delete=false", text, flow("f2"))) == 2
    assert server.get("/flows/company.team/f1?source=true").json()["source"] == text


def test_resending_unchanged_keeps_every_revision(server: Server) -> None:
    for _ in range(2):
        post(server, "/flows/company.team", flow("f1"), flow("f2"))
    assert there(server) == [("f1", 1), ("f2", 1)]


def test_disable_and_enable_count_what_changes_and_rewrite_the_text(server: Server) -> None:
    for id_ in ("f1", "f2", "f3"):
        server.save(flow(id_))
    assert server.post("/flows/disable/by-ids", **by_ids("f1", "f2", "f3")).json() == {"count": 3}
    assert server.post("/flows/disable/by-ids", **by_ids("f1")).json() == {"count": 0}
    off = server.get("/flows/company.team/f1?source=true").json()
    assert (off["disabled"], off["revision"], off["source"]) == (True, 2, flow("f1") + "disabled: true")
    assert server.post("/flows/enable/by-query?filters[flowId][EQUALS]=f1").json() == {"count": 1}
    on = server.get("/flows/company.team/f1?source=true").json()
    assert (on["disabled"], on["revision"], on["source"]) == (False, 3, flow("f1") + "disabled: false")


def test_an_unknown_id_is_404_and_nothing_is_done(server: Server) -> None:
    server.save(flow("f1"))
    assert server.delete("/flows/delete/by-ids", **by_ids("f1", "nope")).status_code == 404
    assert server.post("/flows/disable/by-ids", **by_ids("f1", "nope")).status_code == 404
    assert there(server) == [("f1", 1)]


def test_delete_by_ids_and_by_query(server: Server) -> None:
    for id_ in ("f1", "f2", "f3"):
        server.save(flow(id_))
    assert server.delete("/flows/delete/by-ids", **by_ids("f1")).json() == {"count": 1}
    assert server.delete("/flows/delete/by-query?filters[namespace][EQUALS]=nowhere").json() == {"count": 0}
    assert server.delete("/flows/delete/by-query?filters[namespace][EQUALS]=company.team").json() == {"count": 2}
    assert there(server) == []
