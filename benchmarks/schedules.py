"""How punctual schedules are with 10,000 of them loaded, and how fast a thousand due at one second start.

`ENGINE_SCHEDULES` sets how many are loaded (10,000), `ENGINE_SCHEDULE_SECONDS` how long is measured (20).
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.engine import client, flow, returns, save
from benchmarks.measuring import say
from benchmarks.server import resident, server

SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"
EVERY_SECOND = 5
AT_ONCE = 1_000


def run() -> None:
    """Both measurements on one server."""
    count = int(os.environ.get("ENGINE_SCHEDULES", "10000"))
    seconds = int(os.environ.get("ENGINE_SCHEDULE_SECONDS", "20"))
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, pid), client(port) as http:
        _load(http, count)
        _punctuality(http, count, seconds)
        _at_one_second(http)
        say("  memory afterwards", f"{resident(pid):.0f} MB")


def _load(http: httpx.Client, count: int) -> None:
    """Flows with a schedule each, whose times are spread over tomorrow."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    crons = [f"{n % 60} {n // 60 % 24} {tomorrow.day} {tomorrow.month} *" for n in range(count)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: save(http, _scheduled(f"idle-{n}", crons[n])), range(count)))


def _scheduled(id_: str, cron: str, **more: object) -> str:
    return flow(id_, returns(1), triggers=[{"id": "at", "type": SCHEDULE, "cron": cron, **more}])


def _punctuality(http: httpx.Client, count: int, seconds: int) -> None:
    """Of schedules that are due each second: from the time they are due to the start of their executions."""
    for number in range(EVERY_SECOND):
        save(http, _scheduled(f"often-{number}", "* * * * * *", withSeconds=True))
    time.sleep(seconds)
    for number in range(EVERY_SECOND):
        http.delete(f"/flows/bench/often-{number}").raise_for_status()
    late = sorted(lateness for n in range(EVERY_SECOND) for lateness in _late(http, f"often-{n}"))
    say(
        f"{count:,} schedules loaded, {EVERY_SECOND} due each second: late by, p50",
        f"{late[len(late) // 2] * 1000:.1f} ms",
        "5 ms",
    )
    say("  p99", f"{late[len(late) * 99 // 100] * 1000:.1f} ms", "50 ms")


def _at_one_second(http: httpx.Client) -> None:
    """Many schedules with the same time: from then to the start of the last one."""
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=15)
    cron = f"{due.second} {due.minute} {due.hour} {due.day} {due.month} *"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: save(http, _scheduled(f"together-{n}", cron, withSeconds=True)), range(AT_ONCE)))
    if datetime.now(UTC) >= due:
        raise RuntimeError("the machine is too slow: the flows were not saved before they were due")
    time.sleep((due - datetime.now(UTC)).total_seconds() + 4)
    found = [lateness for n in range(AT_ONCE) for lateness in _late(http, f"together-{n}")]
    say(f"{AT_ONCE:,} schedules due at one second: {len(found)} started, the last after", f"{max(found):.2f} s", "2 s")


def _late(http: httpx.Client, id_: str) -> list[float]:
    """Seconds from the time of the schedule to the start, of each execution of a flow."""
    query: dict[str, Any] = {"filters[flowId][EQUALS]": id_, "size": 500}
    rows = http.get("/executions/search", params=query).raise_for_status().json()["results"]
    return [(_moment(row["state"]["startDate"]) - _moment(row["trigger"]["variables"]["date"])) for row in rows]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
