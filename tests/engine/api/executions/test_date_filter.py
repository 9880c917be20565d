"""`dateFilter`: which date of an execution `startDate`, `endDate` and `timeRange` are about."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.tables import executions
from tests.engine.api.server import Server, running

SECOND = 1_000_000
TIMES = {"early": (10, 20), "inside": (30, 32), "late": (15, 60), "runs": (34, None), "around": (5, 90)}
"""Seconds since 1970 of the start and the end."""
RANGE = {
    "filters[startDate][GREATER_THAN_OR_EQUAL_TO]": "1970-01-01T00:00:12Z",
    "filters[endDate][LESS_THAN_OR_EQUAL_TO]": "1970-01-01T00:00:35Z",
}


@pytest.fixture(params=["2.0"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data", request.param) as found:
        found.store.write(_fill).result()
        yield found


def _fill(connection: sqlite3.Connection) -> None:
    for name, (start, end) in TIMES.items():
        last = ("RUNNING", start * SECOND) if end is None else ("SUCCESS", end * SECOND)
        executions.insert(connection, Execution(name, "a", "f", 1, [("CREATED", start * SECOND), last]))


def search(server: Server, query: dict[str, str]) -> set[str]:
    body = server.get("/executions/search", params=query).json()
    assert body["total"] == len(body["results"])
    return {row["id"] for row in body["results"]}


@pytest.mark.parametrize(
    ("about", "wanted"),
    [
        ({}, {"inside"}),
        ({"dateFilter": "START_DATE"}, {"inside", "late", "runs"}),
        ({"dateFilter": "END_DATE"}, {"early", "inside"}),
        ({"dateFilter": "START_OR_END_DATE"}, {"early", "inside", "late", "runs"}),
    ],
    ids=["untold", "start", "end", "either"],
)
def test_a_range_is_about_the_date_that_is_asked_for(server: Server, about: dict[str, str], wanted: set[str]) -> None:
    assert search(server, RANGE | about) == wanted


def test_other_filters_hold_beside_it(server: Server) -> None:
    both = {"dateFilter": "START_OR_END_DATE", "filters[state][EQUALS]": "RUNNING"}
    assert search(server, RANGE | both) == {"runs"}
    assert search(server, both) == {"runs"}


def test_a_date_that_is_none_is_refused(server: Server) -> None:
    answer = server.get("/executions/search", params=RANGE | {"dateFilter": "LATER"})
    assert answer.status_code == 422
    assert "START_OR_END_DATE" in answer.json()["message"]


@pytest.mark.parametrize("server", ["1.3"], indirect=True)
def test_the_dialect_of_before_has_no_such_parameter(server: Server) -> None:
    assert search(server, RANGE | {"dateFilter": "LATER"}) == {"inside"}
