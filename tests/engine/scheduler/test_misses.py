"""`onMiss`: a window that closes unsatisfied. The source runs at eleven, each day; the clock begins at ten."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from flowctl.engine.scheduler import windowrows
from flowctl.engine.scheduler.windows import Window, time_window_of, window_of
from flowctl.engine.store.tables import logs
from tests.engine.scheduler.conftest import START, World, flow
from tests.engine.scheduler.test_flow_triggers import ELEVEN, SOURCE, depends, listening

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
MISS = "    onMiss: {behavior: FAIL, labels: {why: late, of: '{{ flow.id }}'}}\n"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def waiting(window: str, flows: tuple[str, ...] = ("source",), miss: str = MISS) -> str:
    return listening(depends(*flows, more=f"    window: {window}\n{miss}"))


def states(world: World) -> list[str]:
    return [one.state for one in world.executions("listener")]


@pytest.mark.parametrize(
    ("window", "closes"),
    [
        (window_of({"deadline": "13:00:00"}), NOON + timedelta(hours=1)),
        (window_of({"deadline": "12:00:00"}), NOON),
        (window_of({"deadline": "11:00:00"}), NOON + timedelta(hours=23)),
        (window_of({"from": "08:00:00", "to": "13:00:00"}), NOON + timedelta(hours=1)),
        (window_of({"from": "02:00:00", "to": "03:00:00"}), NOON + timedelta(hours=15)),
        (window_of({"from": "13:00:00", "to": "08:00:00"}), None),
        (window_of({"every": "PT6H"}), NOON + timedelta(hours=6)),
        (window_of({"every": "PT6H", "offset": "PT1H"}), NOON + timedelta(hours=1)),
        (window_of({"lookback": "PT1H"}), None),
        (time_window_of(None), NOON + timedelta(hours=12)),
        (Window(), None),
    ],
    ids=["deadline", "now", "over", "span", "early", "never", "every", "offset", "lookback", "default", "none"],
)
def test_when_a_window_closes(window: Window, closes: datetime | None) -> None:
    assert window.closes(NOON) == closes


@pytest.mark.parametrize("window", ["{deadline: '10:30:00'}", "{from: '09:00:00', to: '10:30:00'}", "{every: PT30M}"])
def test_a_window_that_closes_unsatisfied_gives_a_failed_execution(world: World, window: str) -> None:
    world.save(waiting(window))
    world.at(START + timedelta(minutes=30))
    assert states(world) == []
    world.at(START + timedelta(minutes=30) + SECOND)
    [missed] = world.executions("listener")
    assert missed.state == "FAILED"
    assert dict(missed.labels) | {"why": "late", "of": "listener"} == dict(missed.labels)
    lines = world.store.read(lambda connection: logs.of_execution(connection, missed.id, min_level="ERROR"))
    assert "closed at 2026-03-02T10:30:00Z, and 0 of the 1 dependencies" in lines[0].message
    world.at(START + timedelta(minutes=30) + 2 * SECOND)
    assert len(states(world)) == 1


def test_a_window_that_was_satisfied_gives_none_and_the_next_is_watched(world: World) -> None:
    world.save(SOURCE)
    world.save(waiting("{deadline: '11:30:00'}"))
    world.at(ELEVEN)
    world.at(ELEVEN + timedelta(hours=1))
    assert states(world) == ["SUCCESS"]
    world.save(SOURCE.replace("'0 11 * * *'", "'0 12 * * *'"))
    world.at(ELEVEN + DAY + timedelta(minutes=31))
    assert states(world) == ["SUCCESS", "FAILED"]


def test_what_was_met_in_part_is_said(world: World) -> None:
    world.save(SOURCE)
    world.save(waiting("{deadline: '11:30:00'}", ("source", "other")))
    world.at(ELEVEN)
    world.at(ELEVEN + timedelta(minutes=31))
    [missed] = world.executions("listener")
    lines = world.store.read(lambda connection: logs.of_execution(connection, missed.id, min_level="ERROR"))
    assert "1 of the 2 dependencies" in lines[0].message


def test_what_happened_in_time_counts_although_it_is_looked_at_late(world: World) -> None:
    world.save(SOURCE)
    world.save(waiting("{deadline: '11:30:00'}"))
    world.now = ELEVEN
    assert world.schedules.work(ELEVEN)
    world.settle()
    late = ELEVEN + timedelta(minutes=31)
    assert not world.misses.work(late)
    world.at(late)
    assert states(world) == ["SUCCESS"]


def test_another_text_of_the_trigger_keeps_what_satisfied_the_window(world: World) -> None:
    world.save(SOURCE)
    world.save(waiting("{deadline: '11:30:00'}"))
    world.at(ELEVEN)
    world.now = ELEVEN + SECOND
    world.save(waiting("{deadline: '11:40:00'}"))
    world.at(ELEVEN + timedelta(minutes=50))
    assert states(world) == ["SUCCESS"]


@pytest.mark.parametrize("text", ["    disabled: true\n", ""], ids=["off", "without"])
def test_a_trigger_that_waits_no_more_misses_nothing(world: World, text: str) -> None:
    world.save(waiting("{deadline: '10:30:00'}"))
    world.save(waiting("{deadline: '10:30:00'}", miss=MISS + text if text else ""))
    world.at(START + timedelta(minutes=31))
    assert states(world) == []
    assert world.store.read(windowrows.every) == []


def test_a_flow_that_is_deleted_misses_nothing(world: World) -> None:
    world.save(waiting("{deadline: '10:30:00'}"))
    world.delete("listener")
    world.at(START + timedelta(minutes=31))
    assert world.executions() == []
    assert world.store.read(windowrows.every) == []


def test_of_windows_that_closed_while_nobody_was_there_the_first_counts(world: World) -> None:
    world.save(waiting("{every: PT10M}"))
    world.at(START + timedelta(hours=5))
    assert states(world) == ["FAILED"]
    [row] = world.store.read(windowrows.every)
    assert row.closes == int((START + timedelta(hours=5, minutes=10)).timestamp() * 1_000_000)


def test_a_window_is_closed_once_however_often_it_is_looked_at(world: World) -> None:
    world.save(waiting("{deadline: '10:30:00'}"))
    [row] = world.store.read(windowrows.every)

    def twice(connection: sqlite3.Connection) -> list[bool]:
        return [windowrows.moved_on(connection, row, row.closes + 1) for _ in range(2)]

    assert world.store.write(twice).result() == [True, False]


def test_a_window_that_moves_along_is_never_missed(world: World) -> None:
    world.save(waiting("{lookback: PT10M}"))
    world.save(flow("  - {id: on, type: io.kestra.plugin.core.trigger.Flow, onMiss: {behavior: FAIL}}\n", id_="open"))
    assert world.store.read(windowrows.every) == []
