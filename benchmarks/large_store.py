"""A store of 1,000,000 finished executions against an empty one: start, default listing, indexed filters.

`ENGINE_STORE` sets how many there are (1,000,000). They are written straight into the store: copies of one that the
server ran, spread over 100 flows in 10 namespaces, one in 50 FAILED, each with a label `env: prod` that all share and
one, `team`, that has 1,000 values.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import httpx

from benchmarks.engine import client, flow, returns, run, save
from benchmarks.measuring import RUNS, say, timed
from benchmarks.server import server

SEARCHES = {
    "default listing": "",
    "filter by flow and state": "filters[flowId][EQUALS]=two&filters[state][EQUALS]=SUCCESS",
    "filter by namespace": "filters[namespace][EQUALS]=bench.n3",
    "filter by namespace and those below": "filters[namespace][PREFIX]=bench",
    "filter by a frequent state": "filters[state][EQUALS]=SUCCESS",
    "filter by a rare state": "filters[state][EQUALS]=FAILED",
    "filter by a state that none has": "filters[state][EQUALS]=RUNNING",
    "filter by a label that few have": "filters[labels][EQUALS][team]=t77",
    "filter by a label that all have": "filters[labels][EQUALS][env]=prod",
}
REPEATS = 20


def run_all() -> None:
    """Fill a store, then measure it and an empty one."""
    count = int(os.environ.get("ENGINE_STORE", "1000000"))
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        for directory in (small, large):
            with server(directory) as (port, _), client(port) as http:
                save(http, flow("two", returns(2), labels={"env": "prod", "team": "t0"}))
                run(http, "two")
        taken = timed(lambda: multiply(large, count))
        say(f"(filling the store with {count:,} took)", f"{taken:.0f} s")
        _compare(small, large)


def multiply(directory: Path, count: int) -> None:
    """Many copies of the one finished execution, straight into the store, with their labels and counters."""
    (path,) = directory.glob("*.db")
    changed = {
        "id": "printf('x%021d', n)",
        "namespace": "'bench.n' || (n % 10)",
        "flow_id": "CASE n % 10 WHEN 0 THEN 'two' ELSE 'flow' || (n % 100) END",
        "state": "CASE n % 50 WHEN 0 THEN 'FAILED' ELSE 'SUCCESS' END",
        "created_us": "created_us - n * 1000",
        "ended_us": "ended_us - n * 1000",
    }
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA cache_size = -400000")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(executions)")]
        numbers = f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) "
        connection.execute(
            f"{numbers} INSERT INTO executions ({', '.join(columns)}) "
            f"SELECT {', '.join(changed.get(name, name) for name in columns)} "
            "FROM c, (SELECT * FROM executions LIMIT 1)"
        )
        for key, value in (("env", "'prod'"), ("team", "'t' || (n % 1000)")):
            connection.execute(
                f"{numbers} INSERT INTO execution_labels SELECT id, '{key}', {value}, created_us "
                f"FROM (SELECT n, {changed['id']} AS copy FROM c) JOIN executions ON id = copy"
            )
        connection.execute("DELETE FROM execution_counts")
        connection.execute(
            "INSERT INTO execution_counts SELECT namespace, flow_id, shown, state, count(*) FROM executions "
            "GROUP BY 1, 2, 3, 4"
        )


def _compare(small: Path, large: Path) -> None:
    """Starts in turn, then every search on both servers in turn, so that a busy moment hits both."""
    starts: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for directory, taken in zip((small, large), starts, strict=True):
            taken.append(_start(directory))
    _say("start", *map(median, starts))
    with server(small) as (port, _), client(port) as few, server(large) as (other, _), client(other) as many:
        for name, query in SEARCHES.items():
            _say(name, *_searches(few, many, query))
        _say("a new execution of two tasks", *_in_turn(lambda: run(few, "two"), lambda: run(many, "two")))


def _start(directory: Path) -> float:
    begin = time.perf_counter()
    with server(directory):
        return time.perf_counter() - begin


def _searches(few: httpx.Client, many: httpx.Client, query: str) -> tuple[float, float]:
    def search(http: httpx.Client) -> None:
        http.get(f"/executions/search?{query}").raise_for_status()

    return _in_turn(lambda: search(few), lambda: search(many))


def _in_turn(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    first(), second()
    pairs = [(timed(first), timed(second)) for _ in range(REPEATS)]
    return median(a for a, _ in pairs), median(b for _, b in pairs)


def _say(name: str, few: float, many: float) -> None:
    say(f"{name}: full / empty", f"{many * 1000:.1f} / {few * 1000:.1f} ms = {many / few:.2f}", "2")
