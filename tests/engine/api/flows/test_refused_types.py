"""What the bundled server cannot run is refused when it is saved, in every dialect, with type, place and reason."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import NewFlow
from flowctl.language.types import all_types
from flowctl.model.environment import Dialect
from tests.engine.api.server import YAML, Server, running

DIALECTS: tuple[Dialect, ...] = ("2.0", "1.3", "lenient")
AWAY = "io.kestra.plugin.jdbc.postgresql.Query"
REASON = "which the bundled server has no plugin for"


def source(type_: str = AWAY, id_: str = "f") -> str:
    return (
        f"id: {id_}\nnamespace: company.team\ntasks:\n  - id: group\n"
        "    type: io.kestra.plugin.core.flow.Sequential\n    tasks:\n"
        f"      - {{id: query, type: {type_}, sql: SELECT 1}}\n"
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_saving_and_validating_say_why(tmp_path: Path, dialect: Dialect) -> None:
    with running(tmp_path, dialect, engine=True) as server:
        verdict = server.post("/flows/validate", content=source(), headers=YAML).json()[0]
        answers = [server.save(source()), bulk(server)]
        assert server.get("/flows/company.team/f").status_code == 404
    for said in (verdict["constraints"], *(answer.text for answer in answers)):
        assert f"Invalid type: {AWAY}, {REASON}" in said
        assert "query" in said
    assert [answer.status_code for answer in answers] == [422, 422]


def bulk(server: Server) -> httpx.Response:
    return server.post("/flows/bulk?delete=false", content=source(), headers=YAML)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_update_is_refused_and_changes_nothing(tmp_path: Path, dialect: Dialect) -> None:
    sound = "id: f\nnamespace: company.team\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: m}]\n"
    with running(tmp_path, dialect, engine=True) as server:
        assert server.save(sound).status_code == 200
        assert server.update("company.team", "f", source()).status_code == 422
        assert server.get("/flows/company.team/f?source=true").json()["source"] == sound


def test_no_type_that_is_called_runnable_is_without_somebody_who_runs_it(tmp_path: Path) -> None:
    from flowctl.engine.executor.records.definition import FLOW, SHAPES
    from flowctl.engine.plugins.registry import load

    told = {spec.name for spec in all_types("task") if spec.runnable}
    assert told == set(load().tasks) | ({FLOW + name for name in SHAPES} - {FLOW + "WaitFor"})


def test_a_flow_stored_by_an_older_server_does_not_start(tmp_path: Path) -> None:
    with running(tmp_path, "lenient", engine=True) as server:
        body = json.dumps({"id": "f", "namespace": "company.team"}).encode()
        old = NewFlow("company.team", "f", source(), "digest", body)
        server.store.write(lambda connection: flows.save(connection, old, server.store.now_ms)).result()
        answer = server.post("/executions/company.team/f", files={"__none": (None, "x")})
    assert answer.status_code == 422
    assert AWAY in answer.text
