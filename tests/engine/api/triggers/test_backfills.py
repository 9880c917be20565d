"""Backfills by the routes of either generation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.api.server import Server, flow, running

TRIGGERS = (
    "triggers:\n  - id: daily\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: '0 3 * * *'\n"
    "  - id: poll\n    type: io.kestra.plugin.core.http.Trigger\n    uri: http://127.0.0.1:1/\n"
)
KEY = {"namespace": "company.team", "flowId": "f", "triggerId": "daily"}
SPAN = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-05T00:00:00Z"}
FIRST, OWN = "2026-01-01T03:00:00", "2026-03-02T03:00:00"


@pytest.fixture(params=["2.0", "1.3", "lenient"])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Dialect, Server]]:
    with running(tmp_path / "data", request.param) as server:
        server.save(flow(extra=TRIGGERS))
        yield request.param, server


@pytest.fixture(params=["1.3", "lenient"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data", request.param) as server:
        server.save(flow(extra=TRIGGERS))
        yield server


def test_each_generation_has_its_own_way_to_begin_one(each: tuple[Dialect, Server]) -> None:
    dialect, server = each
    by_route = server.put("/triggers/backfill/create", json=KEY | {"backfill": SPAN}).status_code
    assert by_route == (405 if dialect == "1.3" else 200)
    by_trigger = server.put("/triggers", json=KEY | {"disabled": False, "backfill": SPAN}).status_code
    assert by_trigger == (404 if dialect == "2.0" else 200)


def test_a_whole_trigger_with_a_backfill_begins_it(old: Server) -> None:
    given = SPAN | {"inputs": {"n": 7}, "labels": [{"key": "why", "value": "repair"}]}
    begun = old.put("/triggers", json=KEY | {"disabled": False, "backfill": given}).json()
    held = begun["backfill"]
    assert (held["currentDate"][:19], held["paused"], held["inputs"]) == (FIRST, False, {"n": 7})
    assert held["labels"] == [{"key": "why", "value": "repair"}]
    assert held["previousNextExecutionDate"][:19] == OWN
    assert begun["nextExecutionDate"][:19] == FIRST
    dropped = old.post("/triggers/backfill/delete", json=KEY).json()
    assert ("backfill" in dropped, dropped["nextExecutionDate"][:19]) == (False, OWN)


def test_labels_may_be_a_map_and_a_backfill_may_begin_paused(old: Server) -> None:
    begun = old.put("/triggers", json=KEY | {"backfill": SPAN | {"labels": {"why": "repair"}, "paused": True}}).json()
    assert begun["backfill"]["labels"] == [{"key": "why", "value": "repair"}]
    assert (begun["backfill"]["paused"], "nextExecutionDate" in begun) == (True, False)


def test_a_trigger_that_is_off_stays_off_while_it_gets_a_backfill(old: Server) -> None:
    old.put("/triggers", json=KEY | {"disabled": True})
    begun = old.put("/triggers", json=KEY | {"disabled": True, "backfill": SPAN}).json()
    assert (begun["disabled"], "backfill" in begun) == (True, True)
    [row] = old.get("/triggers/company.team/f?q=daily").json()["results"]
    on = old.put("/triggers", json=row | {"disabled": False}).json()
    assert (on["disabled"], on["backfill"]["currentDate"][:19]) == (False, FIRST)


def test_a_running_backfill_is_replaced_and_the_dates_of_its_own_go_on_after_it(old: Server) -> None:
    old.put("/triggers", json=KEY | {"backfill": SPAN})
    later = {"start": "2026-02-01T00:00:00Z", "end": "2026-02-02T12:00:00Z"}
    held = old.put("/triggers", json=KEY | {"backfill": later}).json()["backfill"]
    assert held["currentDate"][:19] == "2026-02-01T03:00:00"
    assert held["previousNextExecutionDate"][:19] == OWN


def test_a_trigger_that_is_sent_back_as_it_was_read_keeps_its_backfill_where_it_stands(old: Server) -> None:
    old.put("/triggers", json=KEY | {"backfill": SPAN})
    old.put("/triggers/backfill/pause", json=KEY)
    [row] = old.get("/triggers/company.team/f?q=daily").json()["results"]
    back = old.put("/triggers", json=row | {"disabled": True}).json()
    assert (back["disabled"], back["backfill"]) == (True, row["backfill"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"backfill": {"end": "2026-01-05T00:00:00Z"}}, 400),
        ({"backfill": {"start": "2026-01-05T00:00:00Z", "end": "2026-01-01T00:00:00Z"}}, 400),
        ({"backfill": SPAN, "triggerId": "poll"}, 400),
        ({"backfill": SPAN, "triggerId": "nothing"}, 404),
        ({"backfill": SPAN, "flowId": "nothing"}, 404),
        ({"backfill": {"start": "soon"}}, 422),
        ({"backfill": {"start": "0001-01-01T00:00:00+23:59", "end": "0002-01-01T00:00:00Z"}}, 422),
        ({"backfill": {"start": "9998-12-31T23:59:59-12:00", "end": "9998-12-31T23:59:59-12:00"}}, 400),
        ({"backfill": {"start": "2026-01-01T00:00:00Z", "end": "9999-12-31T23:59:59-12:00"}}, 422),
        ({"backfill": "all"}, 422),
    ],
)
def test_what_cannot_begin_is_refused_as_1_x_does(old: Server, body: dict[str, object], status: int) -> None:
    refused = old.put("/triggers", json=KEY | {"disabled": False} | body)
    assert refused.status_code == status
    assert refused.json()["message"]
    assert all("backfill" not in row for row in old.get("/triggers/company.team/f").json()["results"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/triggers/backfill/pause"), ("PUT", "/triggers/backfill/unpause"), ("POST", "/triggers/backfill/delete")],
)
def test_without_a_backfill_1_x_answers_400_and_2_0_409(each: tuple[Dialect, Server], method: str, path: str) -> None:
    dialect, server = each
    refused = server.ask(method, path, json=KEY)
    assert refused.status_code == (400 if dialect == "1.3" else 409)
    assert "No backfill found" in refused.json()["message"]


def test_a_start_in_the_future_is_compared_with_now(old: Server) -> None:
    refused = old.put("/triggers", json=KEY | {"backfill": {"start": "9000-01-01T00:00:00Z"}})
    assert refused.status_code == 400
    assert "the end of the backfill, now, lies before its start, 9000-01-01" in refused.json()["message"]


def test_only_schedules_have_dates_to_catch_up_on(each: tuple[Dialect, Server]) -> None:
    dialect, server = each
    path = "/triggers" if dialect == "1.3" else "/triggers/backfill/create"
    refused = server.put(path, json=KEY | {"triggerId": "poll", "backfill": SPAN})
    assert refused.status_code == (400 if dialect == "1.3" else 422)
    assert "is no schedule" in refused.json()["message"]


def test_a_backfill_without_an_end_goes_up_to_now(old: Server) -> None:
    old.clock.forward(hours=5)
    held = old.put("/triggers", json=KEY | {"backfill": {"start": SPAN["start"]}}).json()["backfill"]
    assert held["end"][:19] == "2026-03-01T17:00:00"
