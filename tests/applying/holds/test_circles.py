"""Flows that go and call each other in a circle are drained together: none is deleted before all are at rest."""

from __future__ import annotations

import pytest

from flowctl.applying.unlock import unlock
from flowctl.model.keys import FlowKey
from flowctl.model.progress import Step
from tests.applying.place import DAILY, Place, ends, waiting
from tests.applying.world import NS

CALL = f"  - id: sub\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {NS}\n    wait: true\n    flowId: "
HOOK = "triggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: knock-knock\n"


def calling(id_: str, called: str, extra: str = "") -> str:
    """A flow that waits, and then calls another one when its input `deep` says so."""
    inputs = "inputs:\n  - {id: deep, type: BOOL, defaults: false}\n"
    return waiting(id_, extra=f'{CALL}{called}\n    runIf: "{{{{ inputs.deep }}}}"\n{inputs}{extra}')


def prepare(place: Place, one: str = HOOK, two: str = HOOK) -> None:
    """Two flows that call each other, and are in no file any more."""
    place.world.flows = {"one": calling("one", "two", one), "two": calling("two", "one", two)}
    assert place.apply(quiet_window=None).ok
    place.world.flows = {}


def deep(place: Place) -> str:
    """An execution of `one` that goes on into `two`."""
    return str(place.ask("POST", f"/executions/{NS}/one", files={"deep": (None, "true")}).json()["id"])


def after(place: Place, id_: str) -> str:
    """A Flow trigger, as the server's version writes it."""
    named = f"[{{namespace: {NS}, flowId: {id_}, states: [SUCCESS]}}]"
    modern = place.server.identity.modern
    member = f"dependsOn: {named}" if modern else f"preconditions: {{id: ends, flows: {named}}}"
    return f"  - id: after\n    type: io.kestra.plugin.core.trigger.Flow\n    {member}\n"


def knocks(place: Place) -> list[bool]:
    """Whether webhooks start the flows."""
    paths = (f"/executions/webhook/{NS}/{id_}/knock-knock" for id_ in ("one", "two"))
    return [place.ask("POST", path, check=False).is_success for path in paths]


def sources(place: Place) -> dict[str, str]:
    """The texts on the server."""
    found = (place.server.read_flow(FlowKey(NS, id_)) for id_ in ("one", "two"))
    return {flow.key.id: flow.source or "" for flow in found if flow is not None}


def notes(place: Place) -> list[str]:
    return [event.diagnostic.summary for event in place.world.progress if event.step is Step.NOTE and event.diagnostic]


def end(place: Place, execution: str) -> None:
    """Let an execution of `one` go on into `two`, and both to their ends."""
    place.go_on(execution)
    place.resume(place.paused("two")[0])
    place.ask("GET", f"/executions/{execution}/follow")


class Killed(BaseException):
    pass


def kill() -> None:
    raise Killed


def test_a_flow_at_rest_waits_for_one_that_may_call_it(place: Place) -> None:
    prepare(place)
    execution = deep(place)
    plan = place.plan(drain=True)
    report = place.apply(plan, quiet_window=None, pause=place.pausing((9.0, lambda: end(place, execution))))
    assert report.ok, report
    assert place.holds() == [(f"{NS}/one", "1 running"), (f"{NS}/two", f"waits with flow {NS}/one")]
    assert place.ask("GET", f"/executions/{execution}").json()["state"]["current"] == "SUCCESS"
    assert sources(place) == {}
    assert place.plan().empty


def test_no_webhook_schedule_or_flow_trigger_starts_a_flow_of_the_circle(place: Place) -> None:
    prepare(place, HOOK + DAILY.removeprefix("triggers:\n"), HOOK + after(place, "other"))
    execution = place.start("one")
    seen: list[object] = []

    def look() -> None:
        seen.extend((knocks(place), place.enabled("one"), sources(place)["two"].count("disabled: true")))

    steps = (5.0, look), (9.0, lambda: place.resume(execution))
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    assert seen == [[False, False], False, 2]


def test_that_people_can_start_a_flow_of_the_circle_is_said_once(place: Place) -> None:
    prepare(place)
    execution = place.start("one")
    steps = [(20.0, lambda: place.resume(execution))]
    assert place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps)).ok
    circle = f"{NS}/one and {NS}/two call each other: people can start them until all of them are at rest"
    assert notes(place) == [circle]


def test_a_circle_that_does_not_come_to_rest_is_as_it_was(place: Place) -> None:
    prepare(place, HOOK + DAILY.removeprefix("triggers:\n"))
    before = sources(place)
    place.start("one")
    report = place.apply(place.plan(drain=True), quiet_window=None, quiet_timeout=60.0)
    assert ends(report) == {f"{NS}/one": "held", f"{NS}/two": "held"}
    assert sources(place) == before
    assert knocks(place) == [True, True] and place.enabled("one")
    assert place.plan().drift == ()


def test_a_drain_of_a_circle_that_was_killed_is_put_right_by_the_next_apply(place: Place) -> None:
    prepare(place, HOOK + DAILY.removeprefix("triggers:\n"))
    before, execution = sources(place), place.start("one")
    with pytest.raises(Killed):
        place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing((9.0, kill)))
    place.world.clock.forward(300)
    assert knocks(place) == [False, False]
    place.world.flows["other"] = waiting("other")
    assert place.apply(place.plan_of("other"), quiet_window=None).ok
    assert sources(place) == before and place.enabled("one")
    assert place.plan().drift == ()
    place.resume(execution)


def test_the_plan_of_a_circle_can_be_applied_again_after_a_kill(place: Place) -> None:
    prepare(place)
    execution, plan = place.start("one"), place.plan(drain=True)
    with pytest.raises(Killed):
        place.apply(plan, quiet_window=None, pause=place.pausing((9.0, kill)))
    place.world.clock.forward(300)
    report = place.apply(plan, quiet_window=None, pause=place.pausing((9.0, lambda: place.resume(execution))))
    assert report.ok, report
    assert place.plan().empty


def test_flows_that_trigger_each_other_come_to_rest(place: Place) -> None:
    """Without an end of their own: each execution starts the next."""
    pairs = (("one", "two"), ("two", "one"))
    place.world.flows = {id_: waiting(id_, extra=f"triggers:\n{after(place, other)}") for id_, other in pairs}
    assert place.apply(place.plan(), quiet_window=None).ok
    execution = place.start("one")
    place.world.flows = {}
    report = place.apply(
        place.plan(drain=True), quiet_window=None, pause=place.pausing((9.0, lambda: place.resume(execution)))
    )
    assert report.ok, report
    assert place.plan().empty


def test_a_flow_that_is_called_by_one_that_goes_is_closed_to_webhooks_meanwhile(place: Place) -> None:
    place.world.flows = {"one": calling("one", "two"), "two": waiting("two", extra=HOOK)}
    assert place.apply(quiet_window=None).ok
    place.world.flows = {}
    execution = place.start("one")
    seen: list[bool] = []
    steps = (5.0, lambda: seen.append(knocks(place)[1])), (9.0, lambda: place.resume(execution))
    report = place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert report.ok, report
    assert seen == [False]
    assert notes(place) == []


def test_a_flow_that_was_closed_and_then_disabled_gets_its_text_back_after_a_kill(place: Place) -> None:
    place.world.flows = {"one": calling("one", "two"), "two": waiting("two", extra=HOOK)}
    assert place.apply(quiet_window=None).ok
    before, place.world.flows = sources(place)["two"], {}
    caller, called = place.start("one"), place.start("two")
    seen: list[str] = []

    def look_and_die() -> None:
        seen.append(sources(place)["two"])
        kill()

    steps = (5.0, lambda: place.resume(caller)), (20.0, look_and_die)
    with pytest.raises(Killed):
        place.apply(place.plan(drain=True), quiet_window=None, pause=place.pausing(*steps))
    assert [text.count("disabled: true") for text in seen] == [2]
    place.world.clock.forward(300)
    lock = place.server.read_lock(NS)
    assert lock is not None and [one.flow.id for one in lock.stopped].count("two") == 2
    done = unlock(place.server, place.world.environment, lock.id, place.world.clock)
    assert (done.flows, done.left) == ((FlowKey(NS, "two"),), ())
    assert sources(place) == {"two": before}
    place.resume(called)
