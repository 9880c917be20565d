"""Clocks that are set back and forward while the server runs: no date is lost, none fires twice, none storms."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.engine.executor import timers
from flowctl.engine.executor.timers import Timers
from flowctl.engine.scheduler import alarm, rows
from flowctl.engine.scheduler.scheduler import Scheduler
from tests.engine.scheduler.conftest import HOURLY, START, World, flow

DEADLINE = 120


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def hours(world: World) -> list[datetime]:
    return [datetime.fromisoformat(date) for date in world.dates()]


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.integers(-200, 200), min_size=1, max_size=8))
def test_however_the_clock_is_set_each_date_up_to_its_furthest_fires_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    world = World(tmp_path_factory.mktemp("clocks"))
    world.save(flow(HOURLY))
    furthest = START
    for step in steps:
        world.at(world.now + timedelta(minutes=step))
        furthest = max(furthest, world.now)
    count = (furthest - START) // timedelta(hours=1)
    assert hours(world) == [START + timedelta(hours=number + 1) for number in range(count)]
    world.close()


def next_date(world: World) -> datetime | None:
    (found,) = world.store.read(lambda c: c.execute("SELECT next_ms FROM triggers").fetchone())
    return rows.moment_of_ms(found) if found is not None else None


class Running:
    """A scheduler with its own thread, and a clock that can be set."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(alarm, "LONGEST_SECONDS", 0.01)
        self.world = world
        self.scheduler = Scheduler(world.executor)
        world.executor.moved.clear()
        self.scheduler.attach()
        self.scheduler.start()

    def wait(self, count: int) -> list[datetime]:
        """The dates, once there are so many whose executions have ended."""
        _until(lambda: self._ended() >= count)
        return hours(self.world)

    def _ended(self) -> int:
        return sum(one.terminal for one in self.world.executions())


@pytest.mark.parametrize(
    ("recover", "expected"),
    [("ALL", [11, 12, 13, 14, 15, 16]), ("LAST", [15, 16]), ("NONE", [16])],
)
def test_dates_within_a_leap_count_as_missed(
    world: World, monkeypatch: pytest.MonkeyPatch, recover: str, expected: list[int]
) -> None:
    world.save(flow(HOURLY + f"    recoverMissedSchedules: {recover}\n"))
    running = Running(world, monkeypatch)
    try:
        world.now = START + timedelta(hours=5, minutes=30)
        running.wait(len(expected) - 1)
        _until(lambda: running.scheduler._schedules.awake_since == world.now)
        _until(lambda: next_date(world) == START + timedelta(hours=6))  # the round that noticed the leap is over
        running.scheduler._leaps._wall += timedelta(minutes=30)  # half an hour that really passed
        world.now += timedelta(minutes=30)
        assert [date.hour for date in running.wait(len(expected))] == expected
    finally:
        running.scheduler.close()


def _until(holds: Callable[[], bool]) -> None:
    """Look until it holds; each look lets others run first."""
    pause = threading.Event()
    for _ in range(DEADLINE * 100):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it never held")


def test_a_timer_rings_soon_after_the_clock_was_set_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    assert timers.LONGEST <= 10
    monkeypatch.setattr(timers, "LONGEST", 0.01)
    now, rung = [1_000_000], threading.Event()
    one = Timers(lambda: now[0], lambda _: rung.set())
    one.start()
    one.set("x", 3_600_000_000)
    assert not rung.wait(0.05)
    now[0] = 7_200_000_000
    assert rung.wait(DEADLINE)
    one.close()


def test_a_timer_does_not_ring_early_when_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LONGEST", 0.01)
    now, rings = [3_600_000_000], list[str]()
    one, rung = Timers(lambda: now[0], rings.append), threading.Event()
    one.start()
    one.set("x", 3_600_050_000)
    now[0] = 1_000_000
    assert not rung.wait(0.1)
    assert rings == []
    one.close()


def test_a_timer_that_is_set_to_the_same_time_again_takes_no_room() -> None:
    one = Timers(lambda: 0, lambda _: None)
    for _ in range(1000):
        one.set("x", 5)
    assert len(one._heap) == 1
