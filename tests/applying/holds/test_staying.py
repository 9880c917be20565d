"""Triggers that somebody disabled stay disabled, also on a server that switches them on when they change."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

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
    assert not report.ok
