"""Flows that are about to fire or run are held back. The server runs executions."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from flowctl.model.keys import FlowKey
from tests.applying.faulty import Fault, writes_flow
from tests.applying.place import DAILY, Place, ends, waiting
from tests.applying.world import NS, source

REFUSED = httpx.Response(422, json={"message": "Invalid entity: no"})
GONE = httpx.ConnectError("connection refused")


def test_a_running_flow_is_held_and_written_when_it_has_ended(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    second = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    seen: list[tuple[str, ...]] = []

    def look() -> None:
        found = {id_: place.server.read_flow(FlowKey(NS, id_)) for id_ in second}
        seen.append(tuple(id_ for id_, flow in found.items() if flow is not None and flow.source == second[id_]))
        place.resume(execution)

    place.world.flows = second
    report = place.apply(pause=place.pausing((5.0, look)))
    assert report.ok, report
    assert seen == [("lone",)]
    assert place.holds() == [(f"{NS}/busy", "1 running")]
    assert 5.0 <= place.waited <= 30.0
    assert place.plan().empty


def test_a_flow_that_is_about_to_fire_is_held_until_it_has_fired(place: Place) -> None:
    place.world.flows = {"f": waiting("f", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.world.clock.now = place.due("f") - timedelta(minutes=3)
    place.world.flows = {"f": waiting("f", "second", DAILY)}
    assert place.apply().ok
    assert place.holds() == [(f"{NS}/f", "daily fires in 3 m"), (f"{NS}/f", "daily fires now")]
    assert 180 < place.waited < 300


def test_what_does_not_fire_within_the_window_is_written_at_once(place: Place) -> None:
    place.world.flows = {"f": waiting("f", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.world.clock.now = place.due("f") - timedelta(minutes=6)
    place.world.flows = {"f": waiting("f", "second", DAILY)}
    assert place.apply().ok
    assert (place.holds(), place.waited) == ([], 1.0 if place.server.identity.capabilities.batch is False else 0.0)


def test_a_disabled_flow_does_not_wait_for_its_dates(place: Place) -> None:
    place.world.flows = {"f": waiting("f", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.world.clock.now = place.due("f") - timedelta(minutes=3)
    place.world.flows = {"f": waiting("f", extra=f"{DAILY}disabled: true\n")}
    assert place.apply(quiet_window=None).ok
    place.world.flows = {"f": waiting("f", "second", f"{DAILY}disabled: true\n")}
    assert place.apply().ok
    assert place.holds() == []


def test_what_never_gets_quiet_is_reported_as_held(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    report = place.apply(quiet_timeout=120.0)
    assert not report.ok
    assert ends(report) == {f"{NS}/busy": "held", f"{NS}/lone": "applied"}
    (error,) = [result.error for result in report.results if result.error is not None]
    assert (error.code, error.detail) == ("A121", "1 running")
    assert "not quiet within 2 m" in error.summary
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.released
    assert place.plan().changes[0].key == FlowKey(NS, "busy")


def test_what_needs_a_held_flow_waits_with_it(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "caller": source("caller", calls="busy")}
    place.world.calls = {"caller": "busy"}
    report = place.apply(quiet_timeout=60.0)
    assert ends(report) == {f"{NS}/busy": "held", f"{NS}/caller": "held"}
    assert dict(place.holds())[f"{NS}/caller"] == f"waits with flow {NS}/busy"


def test_the_lock_is_kept_while_it_is_waited(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}
    alive: list[bool] = []

    def spectate() -> None:
        lock = place.running.connect().read_lock(NS)
        alive.append(lock is not None and not lock.released and lock.expires_at > place.world.clock())

    steps = [(at, spectate) for at in (100.0, 300.0, 600.0)]
    assert place.apply(pause=place.pausing(*steps, (900.0, lambda: place.resume(execution)))).ok
    assert alive == [True, True, True]


def test_an_interrupt_while_waiting_ends_in_a_whole_report(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    stop = threading.Event()
    report = place.apply(stop=stop, pause=place.pausing((30.0, stop.set)))
    assert report.interrupted
    assert ends(report) == {f"{NS}/busy": "not_attempted", f"{NS}/lone": "applied"}
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.released
    assert [str(change.key) for change in place.plan().changes] == [f"{NS}/busy"]


def test_a_flow_that_was_edited_while_it_was_held_is_not_overwritten(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}

    def edit() -> None:
        place.running.connect().update_flow(FlowKey(NS, "busy"), waiting("busy", "by hand"))
        place.resume(execution)

    report = place.apply(pause=place.pausing((10.0, edit)))
    assert ends(report) == {f"{NS}/busy": "failed"}
    assert report.results[0].error is not None and report.results[0].error.code == "A104"
    place.running.connect().update_flow(FlowKey(NS, "busy"), waiting("busy"))


def test_a_lock_that_is_taken_away_while_waiting_ends_the_wait(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}

    def take() -> None:
        lock = place.running.connect().read_lock(NS)
        assert lock is not None
        place.running.connect().write_lock(NS, replace(lock, id="theirs", owner="bob", intents=()))

    report = place.apply(pause=place.pausing((10.0, take)))
    assert ends(report) == {f"{NS}/busy": "not_attempted"}
    assert [problem.code for problem in report.problems] == ["A113"]
    assert place.waited < 60
    lock = place.server.read_lock(NS)
    assert lock is not None and lock.id == "theirs"
    place.running.connect().write_lock(NS, replace(lock, released=True))


def test_a_server_that_is_away_while_waiting_is_waited_for(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second")}
    away = Fault(lambda request: True, GONE, times=25)
    steps = (10.0, lambda: place.wire.faults.append(away)), (60.0, lambda: place.resume(execution))
    report = place.apply(pause=place.pausing(*steps))
    assert report.ok, report
    assert away.times == 0
    notes = [event.diagnostic.code for event in place.world.progress if event.diagnostic is not None]
    assert notes == ["A123"]


def test_with_rollback_what_is_held_for_ever_takes_the_rest_back(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    report = place.apply(quiet_timeout=60.0, rollback_on_error=True)
    assert ends(report) == {f"{NS}/busy": "held", f"{NS}/lone": "rolled_back"}


@pytest.mark.parametrize("option", ["fail_fast", "rollback_on_error"])
def test_after_a_failure_nothing_is_waited_for(place: Place, option: str) -> None:
    place.world.flows = {"busy": waiting("busy"), "lone": source("lone")}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {"busy": waiting("busy", "second"), "lone": source("lone", "second")}
    place.wire.faults = [Fault(writes_flow("lone"), REFUSED)]
    report = place.apply(**{option: True})
    assert ends(report) == {f"{NS}/busy": "not_attempted", f"{NS}/lone": "failed"}
    assert place.waited < 2.0
