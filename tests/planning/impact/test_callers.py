"""Callers of callers: the same as by the simple way, and each flow is looked at once for all that change."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.model.impact import CallerImpact
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveTrigger
from flowctl.planning.hazards.world import World
from flowctl.planning.impact.callers import Callers
from flowctl.planning.ordering.callers import Call
from flowctl.planning.reading import Documents
from tests.planning.hazards.worlds import key, made, subflow, text
from tests.planning.sample import NOW, live, project

NAMES = st.sampled_from("abcdefg")
KEYS = st.builds(FlowKey, st.sampled_from(["dev", "dev.team", "other"]), NAMES)
CALLS = st.lists(
    st.builds(Call, KEYS, KEYS, st.sampled_from(["tasks[x]", ""]), st.sampled_from(["subflow", "trigger"]))
)
DUE = st.dictionaries(KEYS, st.datetimes(timezones=st.just(NOW.tzinfo)), max_size=4)


def world(calls: list[Call], due: Mapping[FlowKey, object], disabled: list[FlowKey]) -> World:
    """These calls, with the next runs of some callers, and flows that are disabled."""
    by_called: dict[FlowKey, list[Call]] = {}
    for call in calls:
        by_called.setdefault(call.called, []).append(call)
    texts = {one: text(one.id, "disabled: true\n", one.namespace) for one in disabled}
    triggers = tuple(LiveTrigger(one, "t", False, next_date=at) for one, at in due.items())  # type: ignore[arg-type]
    state = live(texts, triggers=triggers)
    return World(project(texts), state, NOW, {}, texts, by_called, Documents())


def simple(found: World, start: FlowKey) -> list[CallerImpact]:
    """Layer by layer, asking anew of each."""
    met: dict[FlowKey, CallerImpact] = {}
    layer, depth = [start], 0
    while layer:
        depth += 1
        calls = [call for called in layer for call in found.callers(called)]
        layer = []
        for call in calls:
            if call.caller != start and call.caller not in met:
                dates = [one.next_date for one in found.triggers(call.caller).values() if one.next_date is not None]
                due = min(dates, default=None)
                met[call.caller] = CallerImpact(call.caller, depth, call.relation, call.place, due)
                layer.append(call.caller)
    return sorted(met.values(), key=lambda one: (one.depth, one.flow))


@given(CALLS, DUE, st.lists(KEYS, max_size=3))
@settings(max_examples=300)
def test_they_are_those_of_the_simple_way(
    calls: list[Call], due: dict[FlowKey, object], disabled: list[FlowKey]
) -> None:
    found = world(calls, due, disabled)
    callers = Callers(found)
    for one in {flow for call in calls for flow in (call.caller, call.called)}:
        assert list(callers.of(one)) == simple(found, one)


@pytest.mark.parametrize("length", [30, 60])
def test_of_a_chain_that_changes_as_a_whole_each_call_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    asked = []
    looks = World.callers
    monkeypatch.setattr(World, "callers", lambda self, key: asked.append(key) or looks(self, key))
    names = [f"f{number}" for number in range(length)]
    before = {key(name): text(name, tasks=subflow(following)) for name, following in pairwise(names)}
    before[key(names[-1])] = text(names[-1])
    plan = made({one: source + "description: new\n" for one, source in before.items()}, before)
    counts = {str(one.key): len(one.impact.callers) for one in plan.changes}
    assert counts == {f"dev/{name}": number for number, name in enumerate(names)}
    assert len(asked) < 5 * length
