"""Replacing one task of a flow, as clients of 1.x do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.api.server import YAML, Server, running

TEXT = """# who: team
id: f
namespace: company.team
tasks:
  - id: group   # kept
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - id: inner
        type: io.kestra.plugin.core.log.Log
        message: "before"   # goes with the task
  - {id: last, type: io.kestra.plugin.core.log.Log, message: bye}
"""
INNER = 'id: inner\n        type: io.kestra.plugin.core.log.Log\n        message: "before"'
LOG = "io.kestra.plugin.core.log.Log"


def patch(server: Server, task: str, body: object) -> tuple[int, dict[str, object]]:
    answer = server.ask("PATCH", f"/flows/company.team/f/{task}", json=body)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("dialect", ["1.3", "lenient"])
def test_a_nested_task_is_replaced_and_the_rest_stays_as_it_was(tmp_path: Path, dialect: str) -> None:
    with running(tmp_path, dialect) as server:
        server.post("/flows", content=TEXT, headers=YAML).raise_for_status()
        status, body = patch(server, "inner", {"id": "inner", "type": LOG, "message": "after"})
        assert (status, body["revision"]) == (200, 2)
        source = server.get("/flows/company.team/f?source=true").json()["source"]
        before, _, after = TEXT.partition(
            'id: inner\n        type: io.kestra.plugin.core.log.Log\n        message: "before"'
        )
        new = '{"id": "inner", "type": "io.kestra.plugin.core.log.Log", "message": "after"}'
        assert source == before + new + after


def test_the_last_task_of_a_flow_in_one_line(tmp_path: Path) -> None:
    with running(tmp_path, "1.3") as server:
        server.post("/flows", content=TEXT, headers=YAML).raise_for_status()
        status, body = patch(server, "last", {"id": "last", "type": LOG, "message": ["a", "b"]})
        assert status == 200
        assert body["tasks"][1] == {"id": "last", "type": LOG, "message": ["a", "b"]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("task", "body", "status"),
    [
        ("inner", {"id": "other", "type": LOG, "message": "m"}, 422),
        ("inner", ["inner"], 422),
        ("inner", {"id": "inner", "type": "no.such.Type"}, 422),
        ("absent", {"id": "absent", "type": LOG, "message": "m"}, 404),
    ],
    ids=["another id", "no object", "an unknown type", "no such task"],
)
def test_what_cannot_be_replaced_changes_nothing(tmp_path: Path, task: str, body: object, status: int) -> None:
    with running(tmp_path, "1.3") as server:
        server.post("/flows", content=TEXT, headers=YAML).raise_for_status()
        assert patch(server, task, body)[0] == status
        assert server.get("/flows/company.team/f?source=true").json()["source"] == TEXT


def test_a_flow_that_is_not_there(tmp_path: Path) -> None:
    with running(tmp_path, "1.3") as server:
        assert patch(server, "a", {"id": "a", "type": LOG, "message": "m"})[0] == 404


def test_2_0_has_no_such_route(tmp_path: Path) -> None:
    with running(tmp_path, "2.0") as server:
        server.post("/flows", content=TEXT, headers=YAML).raise_for_status()
        assert patch(server, "inner", {"id": "inner", "type": LOG, "message": "after"})[0] == 404


def test_a_task_that_is_an_alias_is_left_alone(tmp_path: Path) -> None:
    text = (
        "id: f\nnamespace: company.team\n"
        "variables:\n  shared: &shared {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n"
        "tasks:\n  - *shared\n"
    )
    with running(tmp_path, "1.3") as server:
        server.post("/flows", content=text, headers=YAML).raise_for_status()
        status, body = patch(server, "a", {"id": "a", "type": LOG, "message": "n"})
        assert status == 422
        assert "alias" in str(body["message"])
