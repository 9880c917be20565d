"""Triggers as the API lists and switches them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.api.server import Server, flow, running

TRIGGERS = (
    "triggers:\n  - id: daily\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: '0 3 * * *'\n"
    "  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: secretkey123\n"
)
KEY = {"namespace": "company.team", "flowId": "f", "triggerId": "daily"}
NEXT = "2026-03-02T03:00:00.000000Z"


@pytest.fixture(params=["2.0", "1.3", "lenient"])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Dialect, Server]]:
    with running(tmp_path / "data", request.param) as server:
        server.save(flow(extra=TRIGGERS))
        yield request.param, server


def state_of(server: Server) -> dict[str, object]:
    (row,) = server.get("/triggers/company.team/f").json()["results"]
    return dict(row)


def test_only_triggers_of_time_have_a_row_and_each_generation_its_members(each: tuple[Dialect, Server]) -> None:
    dialect, server = each
    body = server.get("/triggers/search?filters[namespace][EQUALS]=company.team").json()
    assert body["total"] == 1
    (row,) = body["results"]
    new, old = {"trigger", "state"}, {"abstractTrigger", "triggerContext"}
    assert set(row) == {"2.0": new, "1.3": old, "lenient": new | old}[dialect]
    state = state_of(server)
    assert state["disabled"] is False
    if dialect != "1.3":
        assert (state["nextEvaluationDate"], state["kind"], state["locked"]) == (NEXT, "SCHEDULE", False)
    if dialect != "2.0":
        assert (state["nextExecutionDate"], state["tenantId"]) == (NEXT, "main")


def test_a_trigger_disabled_on_the_server_stays_so_when_the_flow_is_saved_again(each: tuple[Dialect, Server]) -> None:
    dialect, server = each
    path = "/triggers" if dialect == "1.3" else "/triggers/set-disabled"
    assert server.put(path, json=KEY | {"disabled": True}).json()["disabled"] is True
    assert "nextExecutionDate" not in state_of(server)
    server.update("company.team", "f", flow(extra=TRIGGERS.replace("0 3", "0 4"), message="new"))
    assert state_of(server)["disabled"] is True
    assert server.put(path, json=KEY | {"disabled": False}).json()["disabled"] is False
    assert server.put(path, json=KEY | {"flowId": "nope", "disabled": True}).status_code == 404
    assert server.put(path, json=KEY).status_code == 422


def test_switching_many_answers_in_the_way_of_each_generation(each: tuple[Dialect, Server]) -> None:
    dialect, server = each
    answer = server.post("/triggers/set-disabled/by-triggers", json={"triggers": [KEY], "disabled": True})
    assert answer.status_code == (200 if dialect == "1.3" else 202)
    assert answer.json().get("count" if dialect == "1.3" else "totalItems") == 1
    assert state_of(server)["disabled"] is True
    assert server.get("/triggers/search?filters[triggerState][EQUALS]=DISABLED").json()["total"] == 1
    assert server.get("/triggers/search?filters[triggerState][EQUALS]=ENABLED").json()["total"] == 0


def test_a_trigger_follows_the_text_of_its_flow(server: Server) -> None:
    server.save(flow(extra=TRIGGERS))
    server.update("company.team", "f", flow(extra=TRIGGERS.replace("cron", "disabled: true\n    cron")))
    assert state_of(server)["disabled"] is True
    server.update("company.team", "f", flow(extra=TRIGGERS))
    assert state_of(server)["disabled"] is False
    server.update("company.team", "f", flow())
    assert server.get("/triggers/search").json() == {"results": [], "total": 0}
    server.update("company.team", "f", flow(extra=TRIGGERS))
    server.delete("/flows/company.team/f")
    assert server.get("/triggers/search").json()["total"] == 0


def test_the_state_route_lists_triggers_too(server: Server) -> None:
    server.save(flow(extra=TRIGGERS))
    rows = server.get("/flowctl/state?namespaces=company").json()["triggers"]
    assert rows == [["company.team", "f", "daily", 0, 1772420400000, None, 0, 0, "SCHEDULE"]]
    assert json.dumps(rows)


def test_listeners_hear_of_flows_that_have_or_had_triggers(server: Server) -> None:
    heard: list[str] = []
    server.app.state.context.flow_listeners.append(lambda namespace, id_: heard.append(id_))
    server.save(flow("plain"))
    server.delete("/flows/company.team/plain")
    assert heard == []
    server.save(flow("timed", extra=TRIGGERS))
    server.update("company.team", "timed", flow("timed"))
    server.update("company.team", "timed", flow("timed", message="x"))
    assert heard == ["timed", "timed"]
    operation = {"op": "put-flow", "namespace": "company.team", "id": "timed", "source": flow("timed", extra=TRIGGERS)}
    server.post("/flowctl/batch", json={"format": "1.0", "operations": [operation]})
    server.delete("/flows/company.team/timed")
    assert heard == ["timed"] * 4


@pytest.mark.parametrize("query", ["namespace=other", "q=nothing", "flowId=g"])
def test_parameters_of_before_filters_choose_where_clients_of_1_x_are_obeyed(
    each: tuple[Dialect, Server], query: str
) -> None:
    dialect, server = each
    found = 1 if dialect == "2.0" else 0
    assert server.get(f"/triggers/search?{query}").json()["total"] == found
    switched = server.post(f"/triggers/set-disabled/by-query?disabled=true&{query}").json()
    assert switched.get("totalItems", switched.get("count")) == found
    assert server.get("/triggers/search?namespace=company").json()["total"] == 1


@pytest.mark.parametrize(
    "query", ["dateFilter=LATER", "filters[triggerState][EQUALS]=ODD", "filters[lastTriggeredDate][EQUALS]=soon"]
)
def test_odd_choices_of_triggers_are_422(server: Server, query: str) -> None:
    assert server.get(f"/triggers/search?{query}").status_code == 422


def test_a_restart_is_dated_by_the_clock_of_the_server(server: Server) -> None:
    server.save(flow(extra=TRIGGERS))
    server.clock.forward(hours=5)
    restarted = server.post("/triggers/company.team/f/daily/restart").json()
    assert restarted["updatedAt"][:19] == "2026-03-01T17:00:00"
