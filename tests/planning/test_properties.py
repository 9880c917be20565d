"""What holds for every plan."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.plan import Action, Plan
from flowctl.planfile.codec import dumps, loads
from flowctl.planning.build import build_plan
from flowctl.planning.request import PlanOptions, PlanRequest
from tests.planning.sample import NOW, Content, digest_of, flow, live, project, request, sources

Objects = dict[ObjectKey, Content]
NAMES = ("a", "b", "c", "d")
NAMESPACES = ("dev", "dev.team")
TASKS = st.sampled_from(["x", "y", ">dev/a", ">dev/b", ">dev.team/a", ">dev.team/c"])
FLOWS = st.builds(
    lambda namespace, name, tasks: flow(namespace, name, *tasks),
    st.sampled_from(NAMESPACES),
    st.sampled_from(NAMES),
    st.lists(TASKS, min_size=1, max_size=3),
)
FILES = st.tuples(
    st.builds(FileKey, st.sampled_from(NAMESPACES), st.sampled_from(["/x", "/y"])), st.sampled_from([b"1", b"2"])
)
VALUES = st.tuples(
    st.builds(KvKey, st.sampled_from(NAMESPACES), st.sampled_from(["K", "L"])),
    st.tuples(st.just("STRING"), st.sampled_from(["v", "w"])),
)
OBJECTS = st.lists(FLOWS | FILES | VALUES, max_size=8).map(dict)
FREE = PlanOptions(allow_empty=True, max_deletes=1000, adopt_all=True)
SLOW = settings(max_examples=150)


def made_from(desired: Any, existing: Any, applied: Any) -> Plan:
    return build_plan(request(desired, existing, applied, options=FREE))


@given(OBJECTS)
@SLOW
def test_equal_sides_are_an_empty_plan(objects: Objects) -> None:
    made = made_from(objects, objects, objects)
    assert made.empty
    assert made.counts.unchanged == len(objects)
    assert made.refusals == made.warnings == made.drift == ()


@given(OBJECTS, OBJECTS, OBJECTS)
@SLOW
def test_every_differing_object_stands_in_the_plan_exactly_once(
    desired: Objects, existing: Objects, applied: Objects
) -> None:
    made = made_from(desired, existing, applied)
    keys = [change.key for change in made.changes]
    assert len(keys) == len(set(keys))
    for key in desired.keys() | existing.keys() | applied.keys():
        want, have, was = desired.get(key), existing.get(key), applied.get(key)
        settled = want == have and (want is None or want == was) and not (want is None and was is not None)
        left_alone = want is None and was is None
        assert (key in keys) is not (settled or left_alone), key


@given(OBJECTS, OBJECTS, OBJECTS)
@SLOW
def test_levels_respect_every_reference(desired: Objects, existing: Objects, applied: Objects) -> None:
    made = made_from(desired, existing, applied)
    level = {change.key: change.level for change in made.changes}
    circles = {name for warning in made.warnings if warning.code == "P117" for name in warning.detail.split(" -> ")}
    writes = {change.key for change in made.changes if change.action in (Action.CREATE, Action.UPDATE)}
    deletes = {change.key for change in made.changes if change.action is Action.DELETE}
    for change in made.changes:
        assert all(level[need] < change.level for need in change.depends_on)
        if change.key in writes and isinstance(change.key, FlowKey):
            for reference in project(desired).flows[change.key].references:
                child = FlowKey(reference.namespace, reference.flow_id)
                if child in writes and child != change.key and not {str(child), str(change.key)} <= circles:
                    assert level[child] < change.level
    if writes and deletes:
        assert max(level[key] for key in writes) < min(level[key] for key in deletes)
    assert [change.level for change in made.changes] == sorted(change.level for change in made.changes)


def shuffled(items: dict[Any, Any]) -> dict[Any, Any]:
    return dict(reversed(items.items()))


@given(OBJECTS, OBJECTS, OBJECTS)
@SLOW
def test_the_order_of_the_input_does_not_matter(desired: Objects, existing: Objects, applied: Objects) -> None:
    one = made_from(desired, existing, applied)
    other = made_from(shuffled(desired), shuffled(existing), shuffled(applied))
    assert one == other
    assert dumps(one) == dumps(other)


@given(OBJECTS, OBJECTS, OBJECTS)
@SLOW
def test_a_plan_from_both_sides_survives_its_file(desired: Objects, existing: Objects, applied: Objects) -> None:
    made = made_from(desired, existing, applied)
    assert loads(dumps(made)) == made


def carried_out(plan: Plan, existing: Objects, applied: Objects, desired: Objects) -> tuple[Objects, Objects]:
    """What the server and the ledger hold once every change is done."""
    server, owned = dict(existing), dict(applied)
    for change in plan.changes:
        if change.action in (Action.CREATE, Action.UPDATE, Action.ADOPT):
            server[change.key] = owned[change.key] = desired[change.key]
            assert change.after is not None
            assert change.after.digest == digest_of(desired[change.key])
        else:
            server.pop(change.key, None)
            owned.pop(change.key, None)
    return server, owned


@given(OBJECTS, OBJECTS, OBJECTS)
@SLOW
def test_once_it_is_carried_out_nothing_is_left_to_do(desired: Objects, existing: Objects, applied: Objects) -> None:
    first = made_from(desired, existing, applied)
    server, owned = carried_out(first, existing, applied, desired)
    assert made_from(desired, server, owned).empty
    for key in existing.keys() - desired.keys() - applied.keys():
        assert server[key] == existing[key], "what is not ours stays"


@given(OBJECTS, OBJECTS)
@SLOW
def test_without_a_ledger_nothing_is_ever_deleted(desired: Objects, existing: Objects) -> None:
    made = build_plan(PlanRequest(project(desired), live(existing), NOW, "p", "0.1.0", sources(existing)))
    assert made.count(Action.DELETE) == made.count(Action.FORGET) == 0
