"""Flows that are to go are drained: nothing starts them any more, and they are deleted when their executions ended."""

from __future__ import annotations

import threading

import httpx
import pytest

from flowctl.applying.unlock import unlock
from flowctl.model.keys import FlowKey
from flowctl.model.report import Outcome
from flowctl.planfile.verify import examine
from tests.applying.faulty import Fault
from tests.applying.place import DAILY, Place, ends, waiting
from tests.applying.world import NS

HOOK = "triggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: knock-knock\n"
BUSY = FlowKey(NS, "busy")


def started(place: Place) -> list[int]:
    """What the server answers to a start by hand, and to a webhook."""
    answers = (
        place.ask("POST", f"/executions/{NS}/busy", check=False, files={"x": b"x"}),
        place.ask("POST", f"/executions/webhook/{NS}/busy/knock-knock", check=False),
    )
    return [answer.status_code for answer in answers]


def revision(place: Place, id_: str = "busy") -> int:
    flow = place.server.read_flow(FlowKey(NS, id_))
    assert flow is not None
    return flow.revision


def prepare(place: Place, extra: str = HOOK) -> str:
    """A flow that runs and is in no file any more; returns its execution."""
    place.world.flows = {"busy": waiting("busy", extra=extra), "lone": waiting("lone")}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {"lone": waiting("lone")}
    return execution


class Killed(BaseException):
    pass


def kill() -> None:
    raise Killed


def cut_short(place: Place) -> None:
    """A drain that is killed while it waits; its lock has run out since."""
    with pytest.raises(Killed):
        place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing((9.0, kill)))
    place.world.clock.forward(300)


def test_a_flow_that_goes_is_drained_and_deleted(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    execution = place.start("busy")
    place.world.flows = {}
    seen: list[bool] = []
    steps = (5.0, lambda: seen.append(place.enabled("busy"))), (30.0, lambda: place.resume(execution))
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    assert seen == [False]
    assert place.holds() == [(f"{NS}/busy", "1 running")]
    assert place.server.read_flow(FlowKey(NS, "busy")) is None
    lock = place.server.read_lock(NS)
    assert lock is not None and (lock.released, lock.paused) == (True, ())


def test_a_flow_that_does_not_come_to_rest_stays_as_it_was(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert ends(report) == {f"{NS}/busy": "held"}
    error = report.results[0].error
    assert error is not None and (error.code, error.detail) == ("A122", "1 running")
    flow = place.server.read_flow(FlowKey(NS, "busy"))
    assert flow is not None and flow.source == waiting("busy", extra=DAILY)
    assert place.enabled("busy")


def test_a_drain_that_is_interrupted_switches_triggers_on_again(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    stop = threading.Event()
    report = place.apply(place.plan(drain=True), quiet_window=None, stop=stop, pause=place.pausing((9.0, stop.set)))
    assert report.interrupted
    assert place.enabled("busy")


def test_a_trigger_that_was_off_before_stays_off(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.server.switch_trigger(FlowKey(NS, "busy"), "daily", off=True)
    place.start("busy")
    place.world.flows = {}
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert report.count(Outcome.HELD) == 1
    assert not place.enabled("busy")


def test_a_trigger_that_cannot_be_switched_on_again_is_told_and_tried_by_the_next_apply(place: Place) -> None:
    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    refuse = Fault(lambda request: b'"disabled":false' in request.content, httpx.Response(403, json={}), times=1)
    place.wire.faults = [refuse]
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert [problem.code for problem in report.problems] == ["A124"]
    assert "flowctl triggers enable -e dev dev/busy daily" in report.problems[0].hint
    assert not place.enabled("busy")
    place.world.flows = {"busy": waiting("busy", "second", DAILY)}
    assert place.apply(quiet_window=None).ok
    assert place.enabled("busy")


@pytest.mark.parametrize("single", [False, True])
def test_what_a_killed_drain_left_switched_off_is_switched_on_by_the_next_apply(place: Place, single: bool) -> None:
    """A kill leaves the lock as it was, with the triggers that were switched off."""

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    place.world.flows = {"busy": waiting("busy", extra=DAILY)}
    assert place.apply(quiet_window=None).ok
    place.start("busy")
    place.world.flows = {}
    with pytest.raises(Killed):
        place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing((9.0, kill)))
    lock = place.server.read_lock(NS)
    assert lock is not None and (lock.released, lock.paused) == (False, ((FlowKey(NS, "busy"), "daily"),))
    assert not place.enabled("busy")
    place.world.clock.forward(300)
    place.world.flows = {"busy": waiting("busy", "second", DAILY)}
    plan = place.plan()
    assert "daily of dev/busy" in plan.warnings[0].detail
    assert place.apply(plan, quiet_window=None, single=single).ok
    assert place.enabled("busy")


def test_while_a_flow_is_drained_neither_webhooks_nor_people_start_it(place: Place) -> None:
    execution = prepare(place)
    seen: list[int] = []
    steps = (5.0, lambda: seen.extend(started(place))), (9.0, lambda: place.resume(execution))
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    assert seen == [409, 409]
    assert place.server.read_flow(FlowKey(NS, "busy")) is None


def test_a_flow_that_stays_gets_its_text_back_and_is_no_drift(place: Place) -> None:
    prepare(place)
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert ends(report) == {f"{NS}/busy": "held"}
    flow = place.server.read_flow(FlowKey(NS, "busy"))
    assert flow is not None and flow.source == waiting("busy", extra=HOOK)
    assert started(place) == [200, 200]
    plan = place.plan()
    assert (plan.drift, plan.warnings) == ((), ())
    assert [(str(change.key), change.action.value) for change in plan.changes] == [(f"{NS}/busy", "delete")]


def test_a_flow_that_was_disabled_before_stays_as_it_is(place: Place) -> None:
    execution = prepare(place)
    place.server.update_flow(FlowKey(NS, "busy"), waiting("busy", extra=HOOK) + "disabled: true\n")
    before = revision(place)
    plan = place.plan(drain=True)
    assert ends(place.apply(plan, quiet_window=None, quiet_timeout=60.0)) == {f"{NS}/busy": "held"}
    assert revision(place) == before
    place.resume(execution)


def test_a_flow_is_not_disabled_before_those_that_call_it_are_gone(place: Place) -> None:
    call = f"  - id: sub\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {NS}\n    flowId: called\n"
    place.world.flows = {"called": waiting("called"), "caller": waiting("caller", extra=call)}
    place.world.calls = {"caller": "called"}
    assert place.apply(quiet_window=None).ok
    first, inner = place.start("caller"), place.start("called")
    place.world.flows, place.world.calls = {}, {}
    seen: list[list[int]] = []

    def look() -> None:
        seen.append([revision(place, "caller"), revision(place, "called")])

    was = [revision(place, "caller"), revision(place, "called")]
    steps = ((5.0, look), (8.0, lambda: place.resume(inner)), (9.0, lambda: end_caller(place, first)))
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    assert seen == [[was[0] + 1, was[1]]]
    assert place.ask("GET", f"/executions/{first}").json()["state"]["current"] == "SUCCESS"


def end_caller(place: Place, execution: str) -> None:
    """Let an execution go on into the flow that it calls, and that one to its end as well."""
    place.go_on(execution)
    place.resume(place.paused("called")[0])
    place.ask("GET", f"/executions/{execution}/follow")


def test_flows_that_call_each_other_in_a_circle_are_not_disabled(place: Place) -> None:
    call = f"  - id: sub\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {NS}\n    flowId: "
    place.world.flows = {"one": waiting("one", extra=f"{call}two\n"), "two": waiting("two", extra=f"{call}one\n")}
    assert place.apply(quiet_window=None).ok
    place.start("one")
    place.start("two")
    before = [revision(place, "one"), revision(place, "two")]
    place.world.flows = {}
    place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert [revision(place, "one"), revision(place, "two")] == before


def test_a_server_that_refuses_the_text_is_told_and_the_drain_goes_on(place: Place) -> None:
    execution = prepare(place)
    disables = Fault(lambda request: b"disabled: true" in request.content, httpx.Response(422, json={}))
    place.wire.faults = [disables]
    steps = [(9.0, lambda: place.resume(execution))]
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    notes = [event.diagnostic.code for event in place.world.progress if event.diagnostic is not None]
    assert notes == ["A125"]


@pytest.mark.parametrize("later", [0.0, 11.0], ids=["before the next look", "later"])
def test_an_answer_that_is_lost_while_a_flow_is_disabled_changes_nothing(place: Place, later: float) -> None:
    execution = prepare(place)
    lost = httpx.ReadTimeout("nothing came back")
    disables = Fault(lambda request: b"disabled: true" in request.content, lost, delivered=True, times=9)
    place.wire.faults = [disables]
    steps = [(9.0, place.wire.faults.clear), (9.0 + later, lambda: place.resume(execution))]
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    assert place.plan().empty


def test_a_text_that_cannot_be_put_back_is_told_and_tried_by_the_next_apply(place: Place) -> None:
    prepare(place)
    plan = place.plan(drain=True)

    def refuse() -> None:
        place.wire.faults = [
            Fault(
                lambda request: request.method == "PUT" and request.url.path.endswith("/busy"),
                httpx.Response(403, json={}),
            )
        ]

    report = place.apply(plan, quiet_window=None, quiet_timeout=60.0, pause=place.pausing((9.0, refuse)))
    assert [problem.code for problem in report.problems] == ["A126"]
    assert started(place) == [409, 409]
    place.world.flows["lone"] = waiting("lone", "second")
    assert place.apply(place.plan_of("lone"), quiet_window=None).ok
    assert started(place) == [200, 200]
    assert place.plan().drift == ()


@pytest.mark.parametrize("single", [False, True])
def test_what_a_killed_drain_left_disabled_is_shown_and_enabled_by_the_next_apply(place: Place, single: bool) -> None:
    prepare(place)
    cut_short(place)
    assert started(place) == [409, 409]
    place.world.flows["lone"] = waiting("lone", "second")
    plan = place.plan_of("lone")
    assert "flows that it kept from starting: dev/busy" in plan.warnings[0].detail
    assert place.apply(plan, quiet_window=None, single=single).ok
    assert started(place) == [200, 200]
    plan = place.plan()
    assert (plan.drift, plan.warnings, [change.action.value for change in plan.changes]) == ((), (), ["delete"])


def test_unlock_enables_what_a_killed_drain_left_disabled(place: Place) -> None:
    prepare(place, HOOK + DAILY.removeprefix("triggers:\n"))
    cut_short(place)
    lock = place.server.read_lock(NS)
    assert lock is not None
    done = unlock(place.server, place.world.environment, lock.id, place.world.clock)
    assert (done.triggers, done.flows, done.left) == (((BUSY, "daily"),), (BUSY,), ())
    assert started(place) == [200, 200]
    assert place.enabled("busy")
    assert place.plan().drift == ()


def test_unlock_leaves_alone_what_somebody_edited_since(place: Place) -> None:
    prepare(place)
    cut_short(place)
    place.running.connect().update_flow(BUSY, waiting("busy", "by hand", HOOK))
    lock = place.server.read_lock(NS)
    assert lock is not None
    done = unlock(place.server, place.world.environment, lock.id, place.world.clock)
    assert (done.triggers, done.flows, done.left) == ((), (), (BUSY,))
    place.running.connect().update_flow(BUSY, waiting("busy", extra=HOOK))


def test_a_flow_that_somebody_edited_since_a_killed_drain_is_left_alone(place: Place) -> None:
    prepare(place)
    cut_short(place)
    theirs = waiting("busy", "by hand", HOOK)
    place.running.connect().update_flow(FlowKey(NS, "busy"), theirs)
    place.world.flows["lone"] = waiting("lone", "second")
    assert place.apply(place.plan_of("lone"), quiet_window=None).ok
    flow = place.server.read_flow(FlowKey(NS, "busy"))
    assert flow is not None and flow.source == theirs
    place.running.connect().update_flow(FlowKey(NS, "busy"), waiting("busy", extra=HOOK))


def test_the_next_plan_after_a_killed_drain_deletes_the_flow_without_calling_it_drift(place: Place) -> None:
    execution = prepare(place)
    cut_short(place)
    plan = place.plan(drain=True)
    assert (plan.drift, [change.action.value for change in plan.changes]) == ((), ["delete"])
    report = place.apply(plan, quiet_window=None, pause=place.pausing((9.0, lambda: place.resume(execution))))
    assert report.ok, report
    assert place.plan().empty


def test_the_plan_of_a_killed_drain_can_be_applied_again(place: Place) -> None:
    execution = prepare(place)
    plan = place.plan(drain=True)
    with pytest.raises(Killed):
        place.apply(plan, quiet_window=None, pause=place.pausing((9.0, kill)))
    place.world.clock.forward(300)
    state = place.server.read_state(place.world.environment)
    assert examine(plan, state, "dev", plan.policy_digest, "0.1.0").problems == ()
    report = place.apply(plan, quiet_window=None, pause=place.pausing((9.0, lambda: place.resume(execution))))
    assert report.ok, report
    assert place.plan().empty


def test_with_rollback_a_drained_flow_comes_back_enabled(place: Place) -> None:
    execution = prepare(place)
    place.world.flows["stuck"] = waiting("stuck")
    assert place.apply(place.plan_of("stuck"), quiet_window=None).ok
    stuck = place.start("stuck")
    del place.world.flows["stuck"]
    steps = [(9.0, lambda: place.resume(execution))]
    plan = place.plan(drain=True)
    report = place.apply(
        plan, quiet_window=None, quiet_timeout=60.0, rollback_on_error=True, pause=place.pausing(*steps)
    )
    assert ends(report) == {f"{NS}/busy": "rolled_back", f"{NS}/stuck": "held"}
    assert started(place) == [200, 200]
    assert place.plan().drift == ()
    place.resume(stuck)
