"""Drafts: revisions that are kept whatever their errors, and that nothing starts unless it names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.api.executions.calling import Api, api_of
from tests.engine.api.server import YAML, Server, flow

PATH = "/flows/company.team/f"
BROKEN = "id: f\nnamespace: company.team\ntasks:\n  - {id: a, type: no.such.Type, odd: [1]}\n"
TRIGGERS = (
    "triggers:\n  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 3 * * *'}\n"
    "  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefgh}\n"
)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    yield from api_of(tmp_path, "2.0")


def create(server: Server, text: str, draft: bool = True) -> Any:
    return server.post(f"/flows?draft={str(draft).lower()}", content=text, headers=YAML)


def change(server: Server, text: str, draft: bool = True) -> Any:
    return server.put(f"{PATH}?draft={str(draft).lower()}", content=text, headers=YAML)


def revisions(server: Server) -> list[tuple[int, bool]]:
    return [(row["revision"], row["draft"]) for row in server.get(f"{PATH}/revisions").json()]


def newest(server: Server) -> tuple[int, bool, str]:
    body = server.get(f"{PATH}?source=true").json()
    return body["revision"], body["draft"], body["source"]


@pytest.mark.parametrize("text", [flow(), BROKEN, flow() + "  - null\n", "id: f\nnamespace: company.team\ntasks: 7\n"])
def test_a_draft_is_kept_whatever_its_errors(server: Server, text: str) -> None:
    saved = create(server, text)
    assert (saved.status_code, saved.json()["draft"], saved.json()["revision"]) == (200, True, 1)
    assert newest(server) == (1, True, text)
    assert change(server, text).json()["revision"] == 1
    assert change(server, text + "# more\n").json()["revision"] == 2
    assert revisions(server) == [(1, True), (2, True)]
    assert create(server, text, draft=False).status_code == (409 if text == flow() else 422)


@pytest.mark.parametrize(
    "text", ["", "- 1\n", "id: [", "id: f\n", "id: 7\nnamespace: company.team\n", "id: f\nnamespace: 'No Name'\n"]
)
def test_a_draft_says_which_flow_it_is_of(server: Server, text: str) -> None:
    assert create(server, text).status_code == 422
    assert server.get("/flows/search").json()["total"] == 0


def test_a_draft_beside_a_flow_changes_nothing_that_runs(server: Server) -> None:
    server.save(flow(extra=TRIGGERS))
    fires = server.get("/triggers/company.team/f").json()["results"]
    assert change(server, BROKEN).json()["revision"] == 2
    assert newest(server) == (2, True, BROKEN)
    assert server.get("/triggers/company.team/f").json()["results"] == fires
    (listed,) = server.get("/flows/search").json()["results"]
    assert (listed["revision"], listed["tasks"][0]["id"]) == (1, "log")
    assert server.get(f"{PATH}/graph").status_code == server.get(f"{PATH}/graph?revision=2").status_code == 200
    assert b"no.such.Type" not in server.get("/flows/export/by-query").content


def test_the_same_text_goes_live_after_its_draft(server: Server) -> None:
    server.save(flow())
    text = flow(message="new")
    assert change(server, text).json()["revision"] == 2
    published = change(server, text, draft=False).json()
    assert (published["revision"], published["draft"]) == (3, False)
    assert revisions(server) == [(1, False), (2, True), (3, False)]
    assert change(server, text, draft=False).json()["revision"] == 3
    assert change(server, text).json()["revision"] == 4


def test_a_flow_goes_back_to_its_text_over_a_draft(server: Server) -> None:
    server.save(flow())
    change(server, flow(message="new"))
    assert change(server, flow(), draft=False).json()["revision"] == 3
    assert newest(server) == (3, False, flow())


def test_a_draft_alone_is_deleted_and_made_anew(server: Server) -> None:
    create(server, BROKEN)
    assert server.delete(PATH).status_code == 204
    assert server.get(PATH).status_code == server.delete(PATH).status_code == 404
    assert create(server, flow(), draft=False).json()["revision"] == 3


def test_drafts_are_dropped_by_their_number(server: Server) -> None:
    server.save(flow())
    change(server, BROKEN)
    assert server.delete(f"{PATH}/revisions?revisions=2").status_code == 204
    assert newest(server) == (1, False, flow())
    assert change(server, BROKEN).json()["revision"] == 3


def start(api: Api, query: str) -> Any:
    return api.server.post(f"/executions/company.team/f?wait=true{query}", files={"__none": (None, "x")})


def test_only_who_names_a_draft_starts_it(api: Api) -> None:
    create(api.server, flow(message="draft", extra=TRIGGERS))
    assert start(api, "").status_code == 409
    hook = "/executions/webhook/company.team/f/abcdefgh"
    assert api.server.post(hook).status_code == 404
    assert (start(api, "&revision=1").json()["flowRevision"], start(api, "&revision=9").status_code) == (1, 404)
    change(api.server, flow(extra=TRIGGERS), draft=False)
    change(api.server, BROKEN)
    assert start(api, "").json()["flowRevision"] == 2
    refused = start(api, "&revision=3")
    assert (refused.status_code, "no.such.Type" in refused.json()["message"]) == (422, True)
    assert api.server.post(hook).json()["flowRevision"] == 2


def test_a_deployment_is_saved_after_a_draft(server: Server) -> None:
    server.save(flow())
    change(server, BROKEN)
    (told,) = server.get("/flowctl/state?namespaces=company.team").json()["flows"]
    assert 1 in told
    saved = server.post("/flows/bulk?delete=false", content=flow(message="deployed"), headers=YAML).json()
    assert (saved[0]["revision"], newest(server)[1]) == (3, False)
