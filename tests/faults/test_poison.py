"""Triggers that the scheduler cannot make sense of harm themselves alone: others fire, and nobody tries for ever."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.engine.scheduler import flowtriggers, polling, rows, schedules
from flowctl.engine.scheduler.occurrence import schedule_variables
from flowctl.engine.store import StoreFull
from tests.engine.scheduler.conftest import HOURLY, START, World, flow
from tests.faults.test_clocks import Running, _until

TYPE = "io.kestra.plugin.core.trigger.Schedule"
LATER = START + timedelta(hours=1, seconds=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def healthy_fires(world: World, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A scheduler under which a healthy schedule has fired."""
    world.save(flow(HOURLY, id_="healthy"))
    running = Running(world, monkeypatch)
    world.now = LATER
    _until(lambda: bool(world.executions("healthy")))
    return running


def trigger(**properties: str) -> str:
    lines = "".join(f"    {name}: {value}\n" for name, value in properties.items())
    return f"  - id: s\n{lines}"


@pytest.mark.parametrize(
    "text",
    [
        trigger(type=TYPE, cron="'0 * * * *'", lateMaximumDelay="P999999999D"),
        trigger(type=TYPE, cron="'0 * * * *'", lateMaximumDelay="[1]"),
        trigger(type=TYPE, cron="'0 * * * *'", recoverMissedSchedules="{a: b}"),
        trigger(type=TYPE, cron="'0 * * * *'", inputs="[1, 2]"),
        trigger(type=TYPE, cron="'0 * * * *'", labels="x"),
        trigger(type=TYPE, cron="'0 * * * *'", conditions="{a: b}"),
        trigger(type=TYPE, cron="'0 * * * *'", conditions="[null, 1]"),
        trigger(type=TYPE, cron="'0 * * * *'", when="[1]"),
        trigger(type=TYPE, cron="'0 * * * *'", stopAfter="{a: b}"),
        trigger(type=TYPE, cron="'0 0 30 2 *'"),
        trigger(type="io.kestra.plugin.core.http.Trigger", uri="http://127.0.0.1:1/", interval="P999999999D"),
        trigger(type="io.kestra.plugin.core.http.Trigger", uri="http://127.0.0.1:1/", interval="PT0S"),
        trigger(type="io.kestra.plugin.core.http.Trigger", uri="http://127.0.0.1:1/", interval="-PT1H"),
        trigger(type="io.kestra.plugin.core.trigger.Flow", conditions="[null]"),
        trigger(type="io.kestra.plugin.core.trigger.Flow", preconditions="{flows: [null]}"),
    ],
)
def test_others_fire_beside_it(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    try:
        world.save(flow(text, id_="odd"))
    except AssertionError:
        return  # refused when it is saved: the better answer
    running = healthy_fires(world, monkeypatch)
    running.scheduler.close()
    assert len(world.executions("odd")) <= 2


def test_a_date_that_fails_inside_is_skipped_and_said(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(trigger: Mapping[str, object], date: datetime) -> dict[str, object]:
        if trigger.get("id") == "odd":
            raise KeyError("inside")
        return schedule_variables(trigger, date)

    monkeypatch.setattr(schedules, "schedule_variables", broken)
    world.save(flow(HOURLY.replace("id: s", "id: odd"), id_="odd"))
    running = healthy_fires(world, monkeypatch)
    running.scheduler.close()  # its round ends first: the odd one may come after the healthy one
    row = world.store.read(lambda c: c.execute("SELECT next_ms FROM triggers WHERE trigger_id = 'odd'").fetchone())
    assert rows.moment_of_ms(row[0]) > LATER, "a mistake of ours ends no schedule"
    assert "t/odd/odd: the date 2026-03-02 11:00:00+00:00 is skipped" in caplog.text


def test_a_schedule_without_any_next_date_is_over_and_said(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("inside")

    world.save(flow(HOURLY.replace("id: s", "id: odd"), id_="odd"))
    monkeypatch.setattr(schedules, "schedule_variables", broken)
    monkeypatch.setattr(schedules, "following", broken)
    world.at(LATER)
    row = world.store.read(lambda c: c.execute("SELECT next_ms, over FROM triggers").fetchone())
    assert row == (None, 1)
    assert "t/odd/odd never fires again" in caplog.text


def test_an_event_that_fails_inside_is_crossed_off(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> dict[str, object]:
        raise KeyError("inside")

    monkeypatch.setattr(flowtriggers, "seen_of", broken)
    listening = f"  - id: listen\n    type: {TYPE.replace('Schedule', 'Flow')}\n    states: [SUCCESS]\n"
    world.save(flow(listening, id_="listener"))
    running = healthy_fires(world, monkeypatch)
    _until(lambda: "t/listener/listen" in caplog.text)  # there is no event before the healthy execution has ended
    _until(lambda: not world.store.read(lambda c: c.execute("SELECT count(*) FROM trigger_events").fetchone()[0]))
    running.scheduler.close()
    assert world.executions("listener") == []


def test_a_full_disk_at_one_trigger_leaves_no_other_execution_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several that are due at once, those that were recorded go on; the other fires when there is room."""
    refused: list[str] = []
    advance = rows.advance

    def full(connection: sqlite3.Connection, row: rows.Row, *rest: Any, **more: Any) -> bool:
        if row.flow_id == "a" and not refused:
            refused.append(row.flow_id)
            raise StoreFull("no room")
        return advance(connection, row, *rest, **more)

    monkeypatch.setattr(rows, "advance", full)
    monkeypatch.setattr("flowctl.engine.scheduler.scheduler.RETRY", timedelta(0))
    for id_ in ("a", "b", "c"):
        world.save(flow(HOURLY, id_=id_))
    running = healthy_fires(world, monkeypatch)
    for id_ in ("b", "c", "a"):
        _until(lambda id_=id_: [one.state for one in world.executions(id_)] == ["SUCCESS"])  # type: ignore[misc]
    running.scheduler.close()
    assert refused == ["a"]


ODD = st.sampled_from([None, [], {}, [None], {"a": None}, "", "x", 0, -1, 1e300, True, "{{ x }}", "P99999999999D"])
NAMES = st.sampled_from(
    ["cron", "timezone", "lateMaximumDelay", "recoverMissedSchedules", "inputs", "labels", "conditions", "when",
     "stopAfter", "allowConcurrent", "withSeconds", "dates", "interval"]
)  # fmt: skip


@settings(max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(NAMES, ODD, min_size=1, max_size=3), kind=st.sampled_from(["", "OnDates"]))
def test_whatever_stands_in_a_schedule_no_other_waits(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, object], kind: str
) -> None:
    world = World(tmp_path_factory.mktemp("poison"))
    value = {"id": "s", "type": TYPE + kind, "cron": "0 * * * *", "dates": ["2026-03-02T11:00:00Z"], **changes}
    world.save(flow(HOURLY, id_="healthy"))
    with contextlib.suppress(AssertionError):  # it may be refused
        world.save(flow(f"  - {json.dumps(value)}\n", id_="odd"))
    world.at(LATER)
    assert len(world.executions("healthy")) == 1
    assert len(world.executions("odd")) <= 1
    world.close()


class Slow(BaseHTTPRequestHandler):
    """Answers each request when it is told to."""

    def do_GET(self) -> None:
        asked, answer = self.server.gates  # type: ignore[attr-defined]
        asked.release()
        assert answer.wait(20)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_slow_answer_counts_although_the_next_look_is_due_and_is_asked_for_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer = threading.Semaphore(0), threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as http:
        http.gates = asked, answer  # type: ignore[attr-defined]
        threading.Thread(target=http.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{http.server_address[1]}/"
        world.save(flow(trigger(type="io.kestra.plugin.core.http.Trigger", uri=uri, interval="PT1S"), id_="polls"))
        running = Running(world, monkeypatch)
        dates = []
        for second in range(1, 6):
            world.now = START + timedelta(seconds=second)
            _until(lambda: _next(world) > world.now.timestamp() * 1000)
            dates.append(_next(world))
        assert asked.acquire(timeout=20)
        answer.set()
        _until(lambda: bool(world.executions("polls")))
        running.scheduler.close()
        http.shutdown()
    assert len(set(dates)) == 5
    assert not asked.acquire(blocking=False)


def _next(world: World) -> int:
    return int(world.store.read(lambda c: c.execute("SELECT next_ms FROM triggers").fetchone())[0])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT0S", 1), ("-PT1H", 1), ("PT0.001S", 1), ("PT5S", 5), (None, 60), ("soon", 60), ("P999999999999D", 60)],
)
def test_no_address_is_asked_more_than_once_a_second(text: str | None, seconds: int) -> None:
    assert polling.interval({"interval": text}) == timedelta(seconds=seconds)
