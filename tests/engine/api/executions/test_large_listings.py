"""Listings that stay quick in a large store: they follow an index in their order, and totals come from counters."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store import Store
from flowctl.engine.store.migrating import migrate, migrations
from flowctl.engine.store.tables import executions
from tests.engine.api.server import Server, running

LOOP = "LOOP"
ROWS = (
    # namespace, flow, state, kind, labels; oldest first
    ("a", "one", "SUCCESS", None, [("team", "red"), ("system.from", "api")]),
    ("a", "one", "FAILED", None, [("team", "red"), ("env", "prod")]),
    ("a.b", "two", "SUCCESS", None, [("team", "blue"), ("env", "prod")]),
    ("a.b", "two", "SUCCESS", LOOP, [("team", "red")]),
    ("ab", "three", "RUNNING", None, [("team", "red"), ("env", "test")]),
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data") as found:
        found.store.write(_fill).result()
        yield found


def _execution(number: int) -> Execution:
    namespace, flow_id, state, kind, labels = ROWS[number]
    history = [("CREATED", 1_000_000 + number), (state, 2_000_000 + number)]
    return Execution(f"e{number}", namespace, flow_id, 1, history, labels=labels, kind=kind)


def _fill(connection: sqlite3.Connection) -> None:
    for number in range(len(ROWS)):
        executions.insert(connection, _execution(number))


def search(server: Server, **filters: str) -> tuple[list[str], int]:
    query = {f"filters{name}": value for name, value in filters.items()}
    body: Any = server.get("/executions/search", params=query).json()
    return [row["id"] for row in body["results"]], body["total"]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, "4210"),
        ({"[labels][EQUALS][team]": "red"}, "410"),
        ({"[labels][EQUALS][team]": " red "}, "410"),
        ({"[labels][EQUALS][team]": "red", "[labels][EQUALS][env]": "prod"}, "1"),
        ({"[labels][EQUALS][team]": "red", "[state][EQUALS]": "FAILED"}, "1"),
        ({"[labels][EQUALS][team]": "red", "[kind][EQUALS]": "LOOP"}, "3"),
        ({"[labels][EQUALS][team]": "green"}, ""),
        ({"[labels][IN][team]": "red,blue"}, "4210"),
        ({"[labels][NOT_EQUALS][team]": "red"}, "2"),
        ({"[labels][EQUALS][system.from]": "api"}, "0"),
        ({"[namespace][PREFIX]": "a"}, "210"),
        ({"[namespace][NOT_EQUALS]": "a"}, "42"),
        ({"[state][NOT_IN]": "RUNNING,FAILED"}, "20"),
        ({"[flowId][CONTAINS]": "o", "[state][EQUALS]": "SUCCESS"}, "20"),
        ({"[scope][EQUALS]": "SYSTEM"}, ""),
    ],
)
def test_a_filter_finds_what_it_says_newest_first_and_counts_it(
    server: Server, filters: dict[str, str], wanted: str
) -> None:
    assert search(server, **filters) == ([f"e{number}" for number in wanted], len(wanted))


def counts(store: Store) -> dict[tuple[str, str], int]:
    rows = store.read(lambda connection: connection.execute("SELECT key, value, number FROM label_counts").fetchall())
    return {(key, value): number for key, value, number in rows}


def test_labels_are_counted_through_changes_and_deletions(server: Server) -> None:
    first = {("team", "red"): 3, ("team", "blue"): 1, ("env", "prod"): 2, ("env", "test"): 1}
    assert counts(server.store) == first
    changed = _execution(1)
    changed.labels = [("team", "blue")]
    server.store.write(lambda connection: executions.update(connection, changed, "FAILED", labels=True)).result()
    assert counts(server.store) == {**first, ("team", "red"): 2, ("team", "blue"): 2, ("env", "prod"): 1}
    for number in (0, 2, 3, 4):
        server.store.write(lambda connection, n=number: executions.delete(connection, _execution(n))).result()
    assert counts(server.store) == {("team", "blue"): 1}


def test_labels_of_an_older_store_are_counted_and_dated(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, path, migrations()[:6])
        for number in (0, 3):
            state = ROWS[number][2]
            connection.execute(
                "INSERT INTO executions VALUES (?, 'a', 'one', 1, NULL, ?, NULL, NULL, ?, 7, 8, 9, 1, x'')",
                (f"e{number}", number == 0, state),
            )
            connection.execute("INSERT INTO execution_labels VALUES (?, 'team', 'red')", (f"e{number}",))
        migrate(connection, path, migrations())
        assert connection.execute("SELECT * FROM label_counts").fetchall() == [("team", "red", 1)]
        assert connection.execute("SELECT DISTINCT at_us FROM execution_labels").fetchall() == [(7,)]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"[namespace][EQUALS]": "a"},
        {"[namespace][EQUALS]": "a", "[flowId][EQUALS]": "one"},
        {"[state][EQUALS]": "FAILED"},
        {"[labels][EQUALS][team]": "red"},
    ],
)
def test_a_page_is_read_in_the_order_of_an_index(server: Server, filters: dict[str, str]) -> None:
    """Without an index in the order of the page, everything that matches would be read and sorted."""
    statements: list[str] = []
    server.store.read(lambda connection: connection.set_trace_callback(statements.append))
    search(server, **filters)
    pages = [text for text in statements if "LIMIT" in text and "FROM execution" in text]
    assert pages
    with closing(sqlite3.connect(server.store.path)) as connection:
        for text in pages:
            steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
            assert not [step for step in steps if step.startswith("SCAN") or step.endswith("B-TREE FOR ORDER BY")], (
                steps
            )
