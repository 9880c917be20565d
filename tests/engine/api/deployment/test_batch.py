"""flowctl's own routes: state, sources, and the batch that is all or nothing."""

from __future__ import annotations

import base64

import httpx
import pytest

from flowctl.flowtext.digests import bytes_digest, kv_digest, text_digest
from tests.engine.api.server import Server, flow


def batch(server: Server, *operations: dict[str, object]) -> httpx.Response:
    return server.post("/flowctl/batch", json={"format": "1.0", "planId": "p1", "operations": list(operations)})


def put_flow(id_: str, text: str | None = None, namespace: str = "company.team", **more: object) -> dict[str, object]:
    source = text if text is not None else flow(id_, namespace)
    return {"op": "put-flow", "namespace": namespace, "id": id_, "source": source, **more}


def put_file(path: str, data: bytes, **more: object) -> dict[str, object]:
    content = base64.b64encode(data).decode()
    return {"op": "put-file", "namespace": "company.team", "path": path, "content": content, **more}


def put_kv(key: str, value: object, kind: str = "STRING", **more: object) -> dict[str, object]:
    return {"op": "put-kv", "namespace": "company.team", "key": key, "type": kind, "value": value, **more}


def state(server: Server, namespaces: str = "company") -> dict[str, object]:
    return dict(server.get(f"/flowctl/state?namespaces={namespaces}").json())


def test_every_answer_names_the_capabilities(server: Server) -> None:
    for answer in (server.get("/api/v1/configs"), server.get("/nope"), server.get("/flows/search", token=None)):
        assert answer.headers["flowctl-capabilities"] == "state,batch"


def test_a_batch_writes_everything_and_says_revisions_and_digests(server: Server) -> None:
    server.save(flow("old"))
    server.save(flow("kept"))
    text = flow("new")
    answer = batch(
        server,
        put_flow("new", expectedRevision=0),
        put_flow("kept", expectedRevision=1),
        put_file("/a/b.txt", b"data", expectedDigest=None),
        put_kv("k", 1, "NUMBER", expectedDigest=None),
        {"op": "delete-flow", "namespace": "company.team", "id": "old", "expectedRevision": 1},
        {"op": "delete-kv", "namespace": "company.team", "key": "nope"},
        {"op": "delete-file", "namespace": "company.team", "path": "/nope"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"] == [
        {"revision": 1, "digest": text_digest(text)},
        {"revision": 1, "digest": text_digest(flow("kept"))},
        {"revision": None, "digest": bytes_digest(b"data")},
        {"revision": 1, "digest": kv_digest("NUMBER", 1)},
        {"revision": 2, "digest": None},
        {"revision": None, "digest": None},
        {"revision": None, "digest": None},
    ]


def test_the_state_tells_everything_in_its_namespaces(server: Server) -> None:
    batch(
        server,
        put_flow("a", flow("a", extra="disabled: true\n")),
        put_flow("b", namespace="company.other"),
        put_flow("c", namespace="companyx"),
        put_file("/f.txt", b"data"),
        put_kv("k", "secret-value", ttl="PT1H"),
        put_kv("flowctl.ledger", {"serial": 1}, "JSON"),
    )
    server.save(flow("gone"))
    server.delete("/flows/company.team/gone")
    found = state(server)
    now = 1772366400000
    assert found == {
        "format": "1.0",
        "server": {"id": server.store.uuid, "version": "2.0.0", "edition": "OSS", "dialect": "2.0"},
        "flows": [
            ["company.other", "b", 1, text_digest(flow("b", "company.other")), 0, now],
            ["company.team", "a", 1, text_digest(flow("a", extra="disabled: true\n")), 1, now],
        ],
        "deleted": [["company.team", "gone", 2]],
        "files": [["company.team", "/f.txt", bytes_digest(b"data"), 4]],
        "kv": [["company.team", "k", "STRING", kv_digest("STRING", "secret-value"), 1, now + 3_600_000]],
        "triggers": [],
        "calls": [],
        "executions": [],
        "secrets": [],
        "own": {"company.team": {"flowctl.ledger": {"serial": 1}}},
    }
    server.clock.forward(hours=2)
    assert state(server)["kv"] == []


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ("company", ["company", "company.team"]),
        ("company.team", ["company.team"]),
        ("company.*", ["company.team"]),
        ("comp*", ["company", "company.team", "companyx"]),
        ("companyx,company.team", ["company.team", "companyx"]),
        ("*", ["company", "company.team", "companyx", "other"]),
        ("c[!x]mpany", ["company"]),
        ("", []),
        ("nowhere", []),
        ("%25", []),
    ],
)
def test_patterns_cover_themselves_and_what_is_below(server: Server, patterns: str, found: list[str]) -> None:
    batch(server, *(put_flow("f", namespace=name) for name in ("company", "company.team", "companyx", "other")))
    assert [row[0] for row in state(server, patterns)["flows"]] == found  # type: ignore[attr-defined]


def test_both_paths_of_our_routes(server: Server) -> None:
    for prefix in ("/api/v1", "/api/v1/main"):
        assert server.get(f"{prefix}/flowctl/state?namespaces=a").status_code == 200


def test_sources_of_many_flows_at_once(server: Server) -> None:
    server.save(flow("a"))
    server.save(flow("b"))
    server.delete("/flows/company.team/b")
    asked = {"flows": [["company.team", "a"], ["company.team", "b"], ["company.team", "nope"]]}
    assert server.post("/flowctl/sources", json=asked).json() == {"flows": [["company.team", "a", 1, flow("a")]]}


def test_fences_that_do_not_hold_stop_everything_and_are_all_named(server: Server) -> None:
    server.save(flow("a"))
    server.put("/namespaces/company.team/kv/k", content='"v"')
    before = state(server)
    answer = batch(
        server,
        put_flow("new", expectedRevision=0),
        put_flow("a", flow("a", message="changed"), expectedRevision=7),
        put_kv("k", "w", expectedDigest=None),
        put_file("/f", b"x", expectedDigest="0" * 64),
    )
    assert answer.status_code == 409
    assert answer.json()["conflicts"] == [
        {"index": 1, "address": "flow company.team/a", "expected": 7, "found": 1},
        {"index": 2, "address": "kv company.team:k", "expected": None, "found": kv_digest("STRING", "v")},
        {"index": 3, "address": "file company.team:/f", "expected": "0" * 64, "found": None},
    ]
    assert state(server) == before


def test_a_deleted_flow_is_fenced_by_its_tombstone(server: Server) -> None:
    server.save(flow("a"))
    server.delete("/flows/company.team/a")
    assert batch(server, put_flow("a", expectedRevision=0)).status_code == 409
    assert batch(server, put_flow("a", expectedRevision=2)).json()["results"][0]["revision"] == 3


@pytest.mark.parametrize(
    ("operation", "place"),
    [
        (put_flow("a", "id: ["), "operations[0].source.yaml"),
        (put_flow("a", flow("b")), "operations[0].source"),
        (put_flow("a", expectedRevision="1"), "operations[0].expectedRevision"),
        (put_flow("a") | {"source": 1}, "operations[0].source"),
        (put_flow("a") | {"namespace": ""}, "operations[0].namespace"),
        (put_file("/../x", b""), "operations[0].path"),
        (put_file("/x", b"") | {"content": "***"}, "operations[0].content"),
        (put_file("/x", b"", expectedDigest=1), "operations[0].expectedDigest"),
        (put_kv("bad key", 1), "operations[0].key"),
        (put_kv("k", 1, "OTHER"), "operations[0].type"),
        (put_kv("k", 1, ttl="soon"), "operations[0].ttl"),
        (put_kv("k", "x" * 11_000_000), "operations[0].value"),
        ({"op": "drop-all"}, "operations[0].op"),
        ({}, "operations[0].op"),
    ],
)
def test_unsound_operations_are_422_with_their_place(server: Server, operation: dict[str, object], place: str) -> None:
    answer = batch(server, operation, put_flow("other"))
    assert answer.status_code == 422
    assert [item["path"] for item in answer.json()["errors"]] == [place]
    assert state(server)["flows"] == []


def test_one_object_twice_and_other_formats_are_refused(server: Server) -> None:
    assert batch(server, put_flow("a"), put_flow("a")).status_code == 422
    for body in ({}, {"format": "2.0", "operations": []}, {"format": "1.0"}, [], {"format": "1.0", "operations": [1]}):
        assert server.post("/flowctl/batch", json=body).status_code == 422
    assert server.post("/flowctl/batch", json={"format": "1.7", "operations": [], "new": 1}).status_code == 200


def test_what_fails_while_writing_undoes_the_batch(server: Server) -> None:
    answer = batch(server, put_flow("a"), put_file("/x", b"1"), put_file("/x/y", b"2"))
    assert answer.status_code == 422
    assert "nothing was written" in answer.json()["message"]
    assert (state(server)["flows"], state(server)["files"]) == ([], [])


def test_a_full_disk_is_507_and_an_unwritable_file_503_and_the_server_goes_on(server: Server) -> None:
    writer = server.store._connection
    server.save(flow("before"))
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count={pages + 2}")
    answer = batch(server, put_file("/large", b"x" * 500_000), put_flow("a"))
    assert (answer.status_code, "nothing was written" in answer.json()["message"]) == (507, True)
    writer.execute("PRAGMA max_page_count=1000000")
    writer.execute("PRAGMA query_only=ON")
    answer = server.save(flow("b"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert server.get("/flows/company.team/before").status_code == 200
    writer.execute("PRAGMA query_only=OFF")
    assert [row[1] for row in state(server)["flows"]] == ["before"]  # type: ignore[attr-defined]
    assert server.save(flow("b")).status_code == 200
