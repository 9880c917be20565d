from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from flowctl.engine.executor.assembling import wall_clock
from flowctl.engine.executor.hub import Hub
from flowctl.engine.executor.timers import Timers


class Rings:
    """What rang, in order."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.changed = threading.Condition()

    def __call__(self, id_: str) -> None:
        with self.changed:
            self.seen.append(id_)
            self.changed.notify_all()

    def wait(self, count: int) -> list[str]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.seen) >= count, 10)
            return list(self.seen)


@pytest.fixture
def timers() -> Iterator[Callable[[Rings], Timers]]:
    made: list[Timers] = []

    def make(rings: Rings) -> Timers:
        one = Timers(wall_clock, rings)
        one.start()
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def test_timers_ring_in_the_order_of_their_times(timers: Callable[[Rings], Timers]) -> None:
    rings = Rings()
    one, now = timers(rings), wall_clock()
    one.set("later", now + 60_000)
    one.set("sooner", now + 20_000)
    one.set("past", now - 1)
    assert rings.wait(3) == ["past", "sooner", "later"]


def test_a_replaced_or_cleared_time_does_not_ring(timers: Callable[[Rings], Timers]) -> None:
    rings = Rings()
    one, now = timers(rings), wall_clock()
    one.set("a", now + 20_000)
    one.set("a", now + 40_000)
    one.set("b", now + 10_000)
    one.clear("b")
    one.set("c", now + 60_000)
    assert rings.wait(2) == ["a", "c"]


def test_listeners_hear_of_their_execution_until_they_stop() -> None:
    hub, seen = Hub(), []
    stop = hub.listen("a", seen.append)
    hub.changed(["a", "b"])
    stop()
    stop()
    hub.changed(["a"])
    assert seen == ["a"]
