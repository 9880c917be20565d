"""Triggers that somebody disabled stay disabled, also on a server that switches them on when they change."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from flowctl.applying.waiting import left_open
from flowctl.model.keys import FlowKey
from tests.applying.faulty import Fault, writes_flow
from tests.applying.place import DAILY, Place, waiting
from tests.applying.world import NS

BUSY = FlowKey(NS, "busy")
kestra = pytest.mark.parametrize("place", [("2.0", True), ("1.3", True)], ids=["plain", "plain-1.3"], indirect=True)
CHANGED = DAILY.replace("0 8", "0 9")


def switch(place: Place, *, off: bool) -> None:
    """As a person does it, or a server of its own accord."""
    path = "/triggers/set-disabled" if place.server.identity.modern else "/triggers"
    body = {"namespace": NS, "flowId": "busy", "triggerId": "daily", "disabled": off}
    place.ask("PUT", path, json=body)


def disabled(place: Place) -> None:
    """A flow that was applied, and whose trigger was disabled since."""
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply().ok
    switch(place, off=True)


def switching_on(place: Place, matches: Callable[[httpx.Request], bool]) -> None:
    """A server that switches the trigger on once, after such a request."""
    left = [1]

    def after(request: httpx.Request) -> None:
        if left and matches(request):
            left.pop()
            switch(place, off=False)

    place.wire.after = after


DOWN = httpx.Response(503, json={"message": "down"})


def looks(request: httpx.Request) -> bool:
    """The first request of the look that comes after all writes."""
    return request.method == "GET" and request.url.path.endswith("/executions/search")


def switches(request: httpx.Request) -> bool:
    return request.method == "PUT" and "/triggers" in request.url.path


def test_a_changed_trigger_stays_disabled(place: Place) -> None:
    disabled(place)
    place.world.flows = {"busy": waiting("busy", extra=CHANGED)}
    assert place.apply().ok
    assert not place.enabled("busy")


@kestra
@pytest.mark.parametrize("when", [writes_flow("busy", "PUT"), switches], ids=["at-once", "a-moment-later"])
def test_a_server_that_switches_it_on_is_told_otherwise(place: Place, when: Callable[[httpx.Request], bool]) -> None:
    disabled(place)
    switching_on(place, when)
    place.world.flows = {"busy": waiting("busy", extra=CHANGED)}
    assert place.apply().ok
    assert not place.enabled("busy")


def test_a_trigger_that_is_new_or_on_is_left_alone(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply().ok
    place.world.flows = {"busy": waiting("busy", extra=CHANGED)}
    place.wire.sent.clear()
    assert place.apply().ok
    assert place.enabled("busy")
    assert not [one for one in place.wire.sent if one.startswith("PUT /triggers")]


@kestra
def test_what_cannot_be_made_sure_of_is_said(place: Place) -> None:
    disabled(place)
    place.wire.faults = [Fault(switches, httpx.Response(403, json={"message": "no"}), times=9)]
    place.world.flows = {"busy": waiting("busy", extra=CHANGED)}
    report = place.apply()
    assert [(one.code, one.subject) for one in report.problems] == [("A129", BUSY.address)]
    hint = f"flowctl triggers disable -e dev {BUSY} daily; the next apply looks at it too"
    assert report.problems[0].hint == hint
    assert not report.ok
    place.wire.faults = []
    (note,) = place.plan().warnings
    assert note.code == "P119"
    assert f"may be on: daily of {BUSY}" in note.detail


@kestra
def test_what_could_not_be_made_sure_of_is_by_the_next_apply(place: Place) -> None:
    disabled(place)
    place.wire.faults = [Fault(looks, httpx.ConnectError("gone"), times=99)]
    switching_on(place, switches)
    place.world.flows = {"busy": waiting("busy", extra=CHANGED)}
    assert [one.code for one in place.apply(quiet_window=None).problems] == ["A129"]
    place.wire.faults = []
    assert place.enabled("busy")
    lock = place.server.read_lock(NS)
    assert lock is not None
    assert lock.stay_off == ((BUSY, "daily"),)
    plan = place.plan()
    assert plan.empty
    assert place.apply(plan, unfinished=left_open(lock, place.world.clock())).ok
    assert not place.enabled("busy")
    assert place.plan().warnings == ()


@kestra
def test_a_write_whose_answer_was_lost_is_looked_after(place: Place) -> None:
    disabled(place)
    lost = writes_flow("busy", "PUT")
    place.wire.faults = [Fault(lost, httpx.Response(500, json={"message": "broken"}), delivered=True, times=9)]
    place.wire.faults += [Fault(lambda one: one.method == "GET" and one.url.path.endswith("/busy"), DOWN, times=9)]
    place.world.flows = {"busy": waiting("busy", extra=CHANGED)}
    assert not place.apply().ok
    lock = place.server.read_lock(NS)
    assert lock is not None
    assert lock.stay_off == ((BUSY, "daily"),)
    place.wire.faults = []
    switch(place, off=False)
    assert place.apply().ok
    assert not place.enabled("busy")


def test_a_server_that_leaves_it_alone_is_asked_for_nothing_more(place: Place) -> None:
    disabled(place)
    place.wire.sent.clear()
    recorded: list[bool] = []
    place.wire.before = lambda request: recorded.append(b'"stayOff"' in request.content)
    place.world.flows = {"busy": waiting("busy", extra=CHANGED)}
    assert place.apply(quiet_window=None).ok
    switched = [one for one in place.wire.sent if one.startswith("PUT /triggers")]
    plain = not place.server.identity.capabilities.state
    assert (len(switched), any(recorded)) == (int(plain), plain)
    lock = place.server.read_lock(NS)
    assert lock is not None
    assert (lock.released, lock.stay_off) == (True, ())
