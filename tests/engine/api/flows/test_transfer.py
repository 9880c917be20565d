"""Export and import."""

from __future__ import annotations

import io
import json
import zipfile

from tests.engine.api.flows.test_bulk import there
from tests.engine.api.server import YAML, Server, flow

TEXT = flow("f1") + "# a comment – kept\r\n"


def names(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def send(server: Server, name: str, data: bytes, query: str = "") -> object:
    return server.post(f"/flows/import{query}", files={"fileUpload": (name, data)}).json()


def test_an_export_has_every_text_byte_for_byte(server: Server) -> None:
    server.save(TEXT)
    server.save(flow("f2", "other"))
    answer = server.get("/flows/export/by-query?filters[namespace][EQUALS]=company.team")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="flows.zip"'
    assert names(answer.content) == {"company.team-f1.yml": TEXT}
    body = json.dumps([{"namespace": "company.team", "id": "f1"}])
    assert names(server.post("/flows/export/by-ids", content=body).content) == {"company.team.f1.yaml": TEXT}
    assert server.post("/flows/export/by-ids", content='[{"namespace": "a", "id": "b"}]').status_code == 404
    assert server.get("/flows/export/by-query/csv").text.splitlines()[1:] == [
        "company.team,f1,1,false",
        "other,f2,1,false",
    ]


def test_what_was_exported_can_be_imported_after_a_deletion(server: Server) -> None:
    server.save(TEXT)
    data = server.get("/flows/export/by-query").content
    server.delete("/flows/company.team/f1")
    assert send(server, "flows.zip", data) == []
    found = server.get("/flows/company.team/f1?source=true").json()
    assert (found["source"], found["revision"]) == (TEXT, 3)


def test_sound_documents_are_saved_and_others_named(server: Server) -> None:
    data = (flow("a") + "---\nid: [\n---\n" + flow("b")).encode()
    assert send(server, "x.yaml", data) == ["1"]
    assert there(server) == [("a", 1), ("b", 1)]
    assert server.get("/flows/company.team/b?source=true").json()["source"] == flow("b")


def test_fail_on_error_writes_nothing(server: Server) -> None:
    answer = server.post(
        "/flows/import?failOnError=true",
        files={"fileUpload": ("x.yml", (flow("a") + "---\nid: [").encode())},
    )
    assert answer.status_code == 422
    assert there(server) == []


def test_other_files_are_refused_by_their_name(server: Server) -> None:
    for name in ("x.txt", "x", "yaml"):
        answer = server.post("/flows/import", files={"fileUpload": (name, b"id: a")})
        assert answer.status_code == 422
        assert "Cannot import file of type" in answer.json()["message"]


def test_parts_named_flows_are_validated_with_their_file_names(server: Server) -> None:
    files = [("flows", ("a.yml", flow("a"))), ("flows", ("b.yml", "id: ["))]
    body = server.post("/flows/validate", files=files).json()
    assert [(item["index"], item["filename"], "constraints" in item) for item in body] == [
        (0, "a.yml", False),
        (1, "b.yml", True),
    ]


def test_validation_says_what_is_known_of_each_document(server: Server) -> None:
    server.save(flow("there"))
    server.save(flow("child", extra="disabled: true\n"))
    call = "id: caller\nnamespace: company.team\ntasks:\n" + "".join(
        f"  - id: {id_}\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: company.team\n    flowId: {id_}\n"
        for id_ in ("there", "child", "nope")
    )
    texts = (flow("there", extra="revision: 2\n"), flow("there", extra="revision: 1\n"), call, "null")
    body = server.post("/flows/validate", content="\n---\n".join(texts), headers=YAML).json()
    assert [item["index"] for item in body] == [0, 1, 2, 3]
    assert [item["outdated"] for item in body] == [False, True, False, False]
    assert body[2]["warnings"] == [
        "The subflow 'child' is disabled in namespace 'company.team'.",
        "The subflow 'nope' not found in namespace 'company.team'.",
    ]
    assert set(body[3]) == {"index", "outdated", "constraints"}
    assert body[3]["constraints"].startswith("Validation error: ")


def test_single_tasks_and_triggers_are_validated(server: Server) -> None:
    log = {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": "x"}

    def verdict(path: str, body: object) -> str | None:
        answer = server.post(path, json=body).json()
        assert (answer["index"], answer["outdated"]) == (0, False)
        return answer.get("constraints")

    task = "/flows/validate/task?section=TASKS"
    assert verdict(task, log) is None
    assert "no.such.Type" in str(verdict(task, log | {"type": "no.such.Type"}))
    assert 'Unrecognized field "nonsense"' in str(verdict(task, log | {"nonsense": 1}))
    assert "message: must not be null" in str(verdict(task, {"id": "l", "type": log["type"]}))
    trigger = {"id": "t", "type": "io.kestra.plugin.core.trigger.Schedule"}
    assert verdict("/flows/validate/trigger", trigger | {"cron": "0 0 * * *"}) is None
    assert "cron: must not be null" in str(verdict("/flows/validate/trigger", trigger))
    assert server.post("/flows/validate/task?section=OTHER", json=log).status_code == 422
