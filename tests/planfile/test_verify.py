"""Whether the world is still as a plan found it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from flowctl.flowtext.digests import kv_digest
from flowctl.model.keys import FileKey, KvKey, ObjectKey
from flowctl.model.ledger import Intent, Lock, keyed_digest
from flowctl.model.live import LiveState
from flowctl.model.plan import Content as Side
from flowctl.model.plan import Plan
from flowctl.planfile.verify import examine
from flowctl.planning.build import build_plan
from tests.planning.sample import DIGEST_KEY, EARLIER, Content, flow, ledger, live, request

Objects = dict[ObjectKey, Content]
A, A_TEXT = flow("dev", "a", "one")
B, B_TEXT = flow("dev", "b", "two")
NEW, NEW_TEXT = flow("dev", "new", "three", "four")
FILE, VALUE = FileKey("dev", "/x"), KvKey("dev", "K")
OLD: Objects = {A: A_TEXT, B: B_TEXT, FILE: b"1", VALUE: ("STRING", "v")}
WANTED: Objects = {A: A_TEXT.replace("one", "uno"), NEW: NEW_TEXT, FILE: b"2", VALUE: ("STRING", "w")}


def before() -> LiveState:
    return live(OLD, ledger=ledger(OLD))


def made() -> Plan:
    return build_plan(request(WANTED, OLD, state=before()))


PLAN = made()


def problems(state: LiveState, plan: Plan = PLAN, environment: str = "dev", policy: str | None = None) -> list[str]:
    found = examine(plan, state, environment, policy or plan.policy_digest, "0.9.0")
    return [one.code for one in found.problems]


def test_nothing_speaks_against_a_plan_in_an_unmoved_world() -> None:
    assert problems(before()) == []


def test_the_surroundings_are_checked_before_the_objects() -> None:
    state = before()
    other_server = replace(state, server=replace(state.server, id="server-2"))
    other_tenant = replace(state, server=replace(state.server, tenant="prod"))
    assert state.ledger is not None
    other_lineage = replace(state, ledger=replace(state.ledger, lineage="lineage-2"))
    assert problems(other_server) == problems(other_tenant) == ["P206"]
    assert problems(other_lineage) == problems(replace(state, ledger=None)) == ["P207"]
    assert problems(state, policy="other") == ["P209"]
    assert problems(state, environment="production") == ["P211"]
    assert [one.code for one in examine(PLAN, state, "dev", PLAN.policy_digest, "1.0.0").problems] == ["P205"]
    assert problems(replace(state, server=replace(state.server, url="http://elsewhere"))) == []


def test_another_apply_in_between_is_noticed() -> None:
    state = before()
    assert state.ledger is not None
    assert problems(replace(state, ledger=replace(state.ledger, serial=5))) == ["P212"]


def edited(objects: Objects, revisions: dict[ObjectKey, int] | None = None) -> LiveState:
    return live(objects, revisions, ledger=ledger(OLD))


@pytest.mark.parametrize(
    ("moved", "subject"),
    [
        (lambda: edited(OLD | {A: A_TEXT + "# ui\n"}, {A: 2}), "flow dev/a"),
        (lambda: edited(OLD, {A: 3}), "flow dev/a"),
        (lambda: edited(OLD | {FILE: b"3"}), "file dev:/x"),
        (lambda: edited(OLD | {VALUE: ("STRING", "z")}), "kv dev:K"),
        (lambda: edited(OLD | {NEW: "id: new\n"}), "flow dev/new"),
        (lambda: edited({key: OLD[key] for key in OLD if key != B}), "flow dev/b"),
    ],
)
def test_an_object_that_moved_is_named(moved: Callable[[], LiveState], subject: str) -> None:
    (found,) = examine(PLAN, moved(), "dev", PLAN.policy_digest, "0.1.0").problems
    assert (found.code, found.subject) == ("P208", subject)
    assert "expected" in found.detail
    assert "found" in found.detail


def test_expected_and_found_are_said() -> None:
    state = edited(OLD | {A: A_TEXT + "# ui\n"}, {A: 2})
    freshness = examine(PLAN, state, "dev", PLAN.policy_digest, "0.1.0")
    digest = state.flows[A].digest[:12]
    assert freshness.problems[0].detail.endswith(f"found revision 2, digest {digest}")
    assert [change.key for change in freshness.stale] == [A]


def lock(plan_id: str, *, released: bool) -> Lock:
    intents = tuple(
        Intent(change.key, change.after.digest if change.after is not None else None) for change in PLAN.changes
    )
    return Lock("l", "ada", "host", EARLIER, EARLIER + timedelta(minutes=5), plan_id, intents, released)


def halfway(plan_id: str = PLAN.id, *, released: bool = False) -> LiveState:
    objects = OLD | {A: WANTED[A], FILE: WANTED[FILE]}
    return replace(edited(objects, {A: 2}), lock=lock(plan_id, released=released))


def test_what_an_interrupted_apply_of_this_plan_wrote_counts_as_done() -> None:
    freshness = examine(PLAN, halfway(), "dev", PLAN.policy_digest, "0.1.0")
    assert freshness.problems == ()
    assert set(freshness.done) == {A, FILE}


def test_what_another_plan_wrote_does_not() -> None:
    assert set(problems(halfway("plan-2"))) == {"P208"}


def finished(*, released: bool) -> LiveState:
    state = live(WANTED, {A: 2, VALUE: 2}, ledger=replace(ledger(WANTED), serial=5))
    return replace(state, lock=lock(PLAN.id, released=released))


def test_a_completed_plan_cannot_be_applied_again() -> None:
    assert problems(finished(released=True)) == ["P210"]


def test_a_plan_killed_before_it_gave_the_lock_back_can_be_ended() -> None:
    freshness = examine(PLAN, finished(released=False), "dev", PLAN.policy_digest, "0.1.0")
    assert freshness.problems == ()
    assert len(freshness.done) == len(PLAN.changes)


def secret_plan() -> Plan:
    digest = keyed_digest(DIGEST_KEY, kv_digest("STRING", "v"))
    changes = [
        replace(change, before=Side(digest, 1, type="STRING")) if change.key == VALUE else change
        for change in PLAN.changes
    ]
    return replace(PLAN, changes=tuple(changes))


def test_secret_values_are_compared_by_keyed_digest_and_never_said() -> None:
    plan = secret_plan()
    assert problems(before(), plan) == []
    (found,) = examine(plan, edited(OLD | {VALUE: ("STRING", "z")}), "dev", plan.policy_digest, "0.1.0").problems
    assert (found.code, found.detail.endswith("found revision 1, another value")) == ("P208", True)


def test_an_empty_world_that_stays_empty_needs_no_ledger() -> None:
    plan = build_plan(request({A: A_TEXT}, {}))
    assert problems(live({}), plan) == []
    assert problems(live({A: A_TEXT}), plan) == ["P208"]
