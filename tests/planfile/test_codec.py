"""Plan files: what goes in comes out, and nothing that was tampered with."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.errors import PlanError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.live import Capabilities, ServerIdentity, Verdict
from flowctl.model.plan import Action, Change, Content, Counts, Drift, Extent, FieldChange, Plan
from flowctl.model.project import GitStamp
from flowctl.planfile.codec import checksum, dumps, loads

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
MAYBE = st.none() | TEXTS
NUMBERS = st.integers(0, 10**9)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))
FLOWS = st.builds(FlowKey, NAMES, NAMES)
KEYS = FLOWS | st.builds(FileKey, NAMES, NAMES.map("/{}".format)) | st.builds(KvKey, NAMES, NAMES)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXTS, v),
    max_leaves=6,
)
SEVERITIES = st.sampled_from(["error", "warning", "info"])
DIAGNOSTICS = st.builds(
    Diagnostic, NAMES, SEVERITIES, TEXTS, TEXTS, TEXTS, MAYBE, st.none() | NUMBERS, st.none() | NUMBERS, MAYBE, MAYBE
)


def _field(place: str, op: str, before: object, after: object) -> FieldChange:
    return FieldChange(place, op, None if op == "add" else before, None if op == "remove" else after)


FIELDS = st.builds(_field, TEXTS, st.sampled_from(["add", "change", "remove", "reorder"]), VALUES, VALUES)
SPANS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=2).map(tuple)
CONTENTS = st.builds(
    Content,
    MAYBE,
    st.none() | NUMBERS,
    MAYBE,
    st.none() | st.binary(max_size=20),
    VALUES,
    MAYBE,
    MAYBE,
    MAYBE,
    MAYBE,
    st.none() | NUMBERS,
    SPANS,
)


def _tuples(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=3).map(tuple)


VERDICTS = st.builds(Verdict, FLOWS, _tuples(TEXTS), _tuples(TEXTS), _tuples(TEXTS), _tuples(TEXTS))
CHANGES = st.builds(
    Change,
    action=st.sampled_from(Action),
    key=KEYS,
    before=st.none() | CONTENTS,
    after=st.none() | CONTENTS,
    reason=TEXTS,
    level=NUMBERS,
    extent=st.sampled_from(Extent),
    fields=_tuples(FIELDS),
    path=MAYBE,
    verdict=st.none() | VERDICTS,
    moved_from=st.none() | KEYS,
    moved_to=st.none() | KEYS,
    notes=_tuples(DIAGNOSTICS),
    depends_on=_tuples(KEYS),
)
DRIFTS = st.builds(
    Drift, KEYS, NAMES, TEXTS, MAYBE, st.none() | NUMBERS, st.none() | NUMBERS, _tuples(FIELDS), MAYBE, MAYBE,
    st.none() | TIMES, st.none() | TIMES,
)  # fmt: skip
SERVERS = st.builds(
    ServerIdentity, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, st.builds(Capabilities, st.booleans(), st.booleans())
)
PLANS = st.builds(
    Plan,
    id=TEXTS,
    environment=NAMES,
    namespace=NAMES,
    server=SERVERS,
    created_at=TIMES,
    flowctl_version=st.just("0.1.0"),
    changes=_tuples(CHANGES),
    drift=_tuples(DRIFTS),
    unmanaged=_tuples(KEYS),
    counts=st.builds(Counts, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    refusals=_tuples(DIAGNOSTICS),
    warnings=_tuples(DIAGNOSTICS),
    lineage=MAYBE,
    serial=NUMBERS,
    policy_digest=TEXTS,
    git=st.none() | st.builds(GitStamp, TEXTS, MAYBE, st.booleans(), MAYBE, MAYBE),
    rebuilt=_tuples(KEYS),
)

SMALL = Plan(
    id="p1",
    environment="dev",
    namespace="dev",
    server=ServerIdentity("http://h", "main", "s1", "2.0.0"),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    flowctl_version="0.1.0",
    changes=(Change(Action.CREATE, FlowKey("dev", "a"), None, Content("d", source="id: a\n"), "it is new", 0),),
)


@given(PLANS)
@settings(max_examples=60)
def test_a_plan_survives_its_file(plan: Plan) -> None:
    assert loads(dumps(plan)) == plan


def test_the_file_says_what_it_is_and_is_readable() -> None:
    document = json.loads(dumps(SMALL))
    assert (document["kind"], document["format"]) == ("flowctl-plan", "1.0")
    assert document["plan"]["changes"][0]["object"] == "flow dev/a"


def _refused(text: str) -> str:
    with pytest.raises(PlanError) as raised:
        loads(text)
    return raised.value.diagnostics[0].code


def test_every_cut_is_noticed() -> None:
    text = dumps(SMALL)
    codes = {_refused(text[:length]) for length in range(0, len(text.rstrip()), 7)}
    assert codes == {"P201"}


@pytest.mark.parametrize("text", ["[]", "{}", "7", '{"kind": "other"}', "null"])
def test_another_file_is_no_plan(text: str) -> None:
    assert _refused(text) == "P202"


@pytest.mark.parametrize(
    ("text", "why"), [("", "it is empty"), (" \n", "it is empty"), ("{\n", "it is cut off or no JSON at line 2")]
)
def test_a_file_that_holds_no_plan_is_told_apart_from_half_a_plan(text: str, why: str) -> None:
    with pytest.raises(PlanError) as error:
        loads(text)
    assert error.value.diagnostics[0].summary == f"the plan file cannot be read: {why}"


def test_an_edit_by_hand_is_noticed() -> None:
    assert _refused(dumps(SMALL).replace("id: a", "id: b")) == "P203"
    assert _refused(dumps(SMALL).replace('"create"', '"delete"')) == "P203"


def _resealed(**changes: object) -> str:
    document = json.loads(dumps(SMALL)) | changes
    document["checksum"] = checksum(document)
    return json.dumps(document)


def test_a_reformatted_file_is_the_same_plan() -> None:
    assert loads(json.dumps(json.loads(dumps(SMALL)))) == SMALL


def test_members_of_a_higher_minor_are_passed_over() -> None:
    plan = json.loads(dumps(SMALL))["plan"] | {"weather": "fine"}
    assert loads(_resealed(format="1.9", plan=plan, more=[1])) == SMALL


def test_a_higher_major_is_refused() -> None:
    assert _refused(_resealed(format="2.0")) == "P204"


def test_another_major_version_of_flowctl_is_refused() -> None:
    plan = json.loads(dumps(SMALL))["plan"] | {"flowctlVersion": "7.2.0"}
    assert _refused(_resealed(plan=plan)) == "P205"


DAMAGE = {
    "plan.id": lambda plan: plan.pop("id"),
    "plan.serial": lambda plan: plan.update(serial="many"),
    "plan.createdAt": lambda plan: plan.update(createdAt="yesterday"),
    "plan.server": lambda plan: plan.pop("server"),
    "plan.server.url": lambda plan: plan["server"].pop("url"),
    "plan.unmanaged": lambda plan: plan.update(unmanaged=["nonsense"]),
    "plan.changes[0].object": lambda plan: plan["changes"][0].update(object="flow nowhere"),
    "plan.changes[0].action": lambda plan: plan["changes"][0].update(action="destroy"),
    "plan.changes[0].extent": lambda plan: plan["changes"][0].update(extent="some"),
    "plan.changes[0].level": lambda plan: plan["changes"][0].update(level=True),
    "dependsOn of flow dev/a": lambda plan: plan["changes"][0].update(dependsOn=[4]),
    "plan.changes[0].after.data": lambda plan: plan["changes"][0]["after"].update(data="%%"),
    "plan.changes[0].after.hidden": lambda plan: plan["changes"][0]["after"].update(hidden=[[1]]),
    "plan.changes[0].notes[0].severity": lambda plan: plan["changes"][0].update(
        notes=[{"code": "X", "severity": "bad", "summary": "s"}]
    ),
}


@pytest.mark.parametrize("where", DAMAGE)
def test_damage_is_named(where: str) -> None:
    plan = json.loads(dumps(SMALL))["plan"]
    DAMAGE[where](plan)
    with pytest.raises(PlanError) as raised:
        loads(_resealed(plan=plan))
    found = raised.value.diagnostics[0]
    assert found.code == "P202"
    assert where in found.summary
