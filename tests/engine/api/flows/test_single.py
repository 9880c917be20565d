"""Single flows: answers and the numbering of revisions as on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.api.server import YAML, Server, flow, running


def numbers(server: Server, query: str = "") -> list[int]:
    return [row["revision"] for row in server.get(f"/flows/company.team/f/revisions{query}").json()]


def test_create_answers_200_with_source_and_revision_1(server: Server) -> None:
    answer = server.save(flow())
    assert answer.status_code == 200
    body = answer.json()
    assert (body["revision"], body["disabled"], body["deleted"], body["source"]) == (1, False, False, flow())
    assert "updated" not in body
    assert "triggers" not in body


def test_a_duplicate_is_409_and_says_so_to_both_generations(server: Server) -> None:
    server.save(flow())
    answer = server.save(flow())
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"].endswith("/entity-already-exists")
    assert body["detail"] == "A flow with id 'f' already exists in namespace 'company.team'."
    assert body["_embedded"]["errors"][0]["path"] == "flow.id"
    assert body["message"].startswith("Invalid entity: ")


def test_a_read_has_updated_and_triggers_and_the_source_only_when_asked(server: Server) -> None:
    server.save(flow())
    body = server.get("/flows/company.team/f").json()
    assert body["triggers"] == []
    assert body["updated"] == "2026-03-01T12:00:00.000000Z"
    assert "source" not in body
    assert server.get("/flows/company.team/f?source=true").json()["source"] == flow()


def test_the_same_text_keeps_its_revision_and_answers_like_a_read(server: Server) -> None:
    server.save(flow())
    body = server.update("company.team", "f", flow()).json()
    assert body["revision"] == 1
    assert body["updated"]


def test_a_comment_or_an_old_text_makes_a_new_revision(server: Server) -> None:
    server.save(flow())
    assert server.update("company.team", "f", flow() + "# note\n").json()["revision"] == 2
    assert server.update("company.team", "f", flow()).json()["revision"] == 3


def test_a_revision_line_does_not_count(server: Server) -> None:
    server.save(flow())
    assert server.update("company.team", "f", "revision: 7\n" + flow()).json()["revision"] == 1
    changed = server.update("company.team", "f", "revision: 7\n" + flow(message="bye")).json()
    assert changed["revision"] == 2
    assert changed["source"].startswith("revision: 7\n")


def test_a_deletion_takes_a_number_and_numbering_goes_on(server: Server) -> None:
    server.save(flow())
    server.update("company.team", "f", flow(message="bye"))
    assert server.delete("/flows/company.team/f").status_code == 204
    assert server.delete("/flows/company.team/f").status_code == 404
    assert server.get("/flows/company.team/f").status_code == 404
    tomb = server.get("/flows/company.team/f?allowDeleted=true").json()
    assert (tomb["revision"], tomb["deleted"], "updated" in tomb) == (3, True, False)
    assert server.save(flow()).json()["revision"] == 4
    assert numbers(server) == [1, 2, 4]
    assert numbers(server, "?allowDelete=true") == [1, 2, 3, 4]


def test_revisions_can_be_read_and_dropped(server: Server) -> None:
    for message in ("a", "b", "c"):
        text = flow(message=message)
        server.save(text) if message == "a" else server.update("company.team", "f", text)
    assert server.get("/flows/company.team/f?revision=2&source=true").json()["source"] == flow(message="b")
    assert server.get("/flows/company.team/f?revision=9").status_code == 404
    assert server.delete("/flows/company.team/f/revisions?revisions=1,2").status_code == 204
    assert numbers(server) == [3]
    assert server.delete("/flows/company.team/f/revisions?revisions=3").status_code == 204
    assert server.get("/flows/company.team/f").status_code == 404
    assert server.save(flow()).json()["revision"] == 4


def test_put_needs_the_flow_and_its_own_key(server: Server) -> None:
    assert server.update("company.team", "f", "id: [").status_code == 404
    server.save(flow())
    answer = server.update("company.team", "f", flow("g", "company.other"))
    assert answer.status_code == 422
    assert {item["path"] for item in answer.json()["_embedded"]["errors"]} == {"flow.id", "flow.namespace"}


def test_other_media_types_are_415(server: Server) -> None:
    for kind in ("text/plain", "application/yaml", "application/json"):
        answer = server.post("/flows", content=flow(), headers={"Content-Type": kind})
        assert (answer.status_code, "message" in answer.json()) == (415, True)


def test_what_cannot_be_saved_is_422_with_places(server: Server) -> None:
    for text in ("id: [", "", "- a", "id: a\nnamespace: b\n", flow("bad id!"), flow() + "id: again\n"):
        answer = server.post("/flows", content=text, headers=YAML)
        assert answer.status_code == 422, text
        assert answer.json()["message"]


def test_paths_work_with_and_without_the_tenant(server: Server) -> None:
    server.save(flow())
    assert server.get("/api/v1/flows/company.team/f").status_code == 200
    assert server.get("/api/v1/main/flows/company.team/f").status_code == 200
    assert server.get("/api/v1/other/flows/company.team/f").status_code == 404


def test_odd_but_legal_texts_come_back_byte_for_byte(server: Server) -> None:
    for number, tail in enumerate(("# ümlaut – 日本\n", "\r\n# crlf\r\n", "# no newline", "# \U0001f600 emoji\n")):
        text = flow(f"f{number}") + tail
        assert server.save(text).json()["source"] == text
        assert server.get(f"/flows/company.team/f{number}?source=true").json()["source"] == text


def test_null_among_tasks_or_triggers_never_gets_in(server: Server) -> None:
    for text in (flow() + "  - null\n", flow(extra="triggers:\n  - null\n"), flow(extra="inputs: [~]\n")):
        assert server.save(text).status_code == 422


@pytest.mark.parametrize(("dialect", "said"), [("lenient", [False]), ("2.0", [False]), ("1.3", [])])
def test_every_answer_says_whether_it_is_a_draft_where_the_release_does(
    tmp_path: Path, dialect: Dialect, said: list[bool]
) -> None:
    """The clients of 2.0 refuse a flow without `draft`; no recorded server has it."""
    with running(tmp_path, dialect) as server:
        answers = [server.save(flow()).json(), server.update("company.team", "f", flow(message="bye")).json()]
        answers.append(server.update("company.team", "f", flow(message="bye")).json())
        answers.append(server.get("/flows/company.team/f?source=true").json())
        answers += server.get("/flows/company.team").json()
        answers += server.get("/flows/company.team/f/revisions").json()
        answers += server.get("/flows/search").json()["results"]
        answers.append(server.get("/flows/source?q=bye").json()["results"][0]["model"])
        answers += server.post("/flows/bulk", content=flow("g"), headers=YAML).json()
        assert [[answer["draft"]] if "draft" in answer else [] for answer in answers] == [said] * len(answers)
        assert len(answers) == 11


def test_what_is_meant_as_a_draft_does_not_go_live_in_1_3(tmp_path: Path) -> None:
    with running(tmp_path, "1.3") as server:
        created = server.post("/flows?draft=true", content=flow(), headers=YAML)
        assert created.status_code == 422
        assert "nothing was saved" in created.json()["message"]
        server.save(flow())
        path = "/flows/company.team/f"
        assert server.put(f"{path}?draft=true", content=flow(message="x"), headers=YAML).status_code == 422
        assert server.put(f"{path}?draft=false", content=flow(message="y"), headers=YAML).status_code == 200
        assert numbers(server) == [1, 2]
