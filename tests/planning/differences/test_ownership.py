"""Who owns what, and what a plan does about it: ledger, intents of an apply that was killed, drift."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flowctl.model.keys import KvKey
from flowctl.model.ledger import Intent, Lock
from flowctl.model.plan import Action
from flowctl.planning.build import build_plan
from flowctl.planning.request import PlanOptions
from tests.planning.sample import EARLIER, NOW, flow, ledger, live, plan, request
from tests.planning.sides import A_TEXT, B_TEXT, A, B, Objects, actions, codes, only


def lock(*intents: Intent, released: bool = False) -> Lock:
    return Lock("l1", "ada", "host", EARLIER, EARLIER + timedelta(minutes=5), "plan-0", intents, released)


def test_what_no_file_has_is_deleted_only_when_it_is_ours() -> None:
    made = plan({A: A_TEXT}, {A: A_TEXT, B: B_TEXT}, {A: A_TEXT, B: B_TEXT})
    assert actions(made) == {"flow dev/b": "delete"}
    made = plan({A: A_TEXT}, {A: A_TEXT, B: B_TEXT}, {A: A_TEXT})
    assert made.empty
    assert (made.unmanaged, made.counts.unmanaged) == ((B,), 1)


def test_objects_outside_the_owned_namespaces_are_nobodys_business() -> None:
    other, text = flow("finance", "x")
    made = plan({A: A_TEXT}, {A: A_TEXT, other: text, KvKey("dev", "flowctl.x"): ("STRING", "")}, {A: A_TEXT})
    assert made.empty
    assert made.unmanaged == ()


def test_the_same_text_is_taken_over_without_a_word() -> None:
    change = only(plan({A: A_TEXT, B: B_TEXT}, {A: A_TEXT, B: B_TEXT}, {B: B_TEXT}))
    assert (change.key, change.action) == (A, Action.ADOPT)
    assert "did not apply it before" in change.reason


def test_another_text_is_refused_until_adopted() -> None:
    desired: Objects = {A: A_TEXT.replace("one", "uno")}
    made = plan(desired, {A: A_TEXT}, {})
    assert codes(made) == ["P101"]
    assert "flowctl adopt dev dev/a" in made.refusals[0].hint
    assert actions(made) == {"flow dev/a": "update"}
    for options in (PlanOptions(adopt=("dev/a",)), PlanOptions(adopt_all=True), PlanOptions(adopt=("flow dev/*",))):
        adopted = plan(desired, {A: A_TEXT}, {}, options=options)
        assert (codes(adopted), only(adopted).reason) == (
            [],
            "the server has other content, which flowctl did not apply",
        )


def test_adopting_what_no_file_has_is_refused() -> None:
    made = plan({A: A_TEXT}, {A: A_TEXT, B: B_TEXT}, {A: A_TEXT}, options=PlanOptions(adopt=("dev/b", "dev/zzz")))
    assert codes(made) == ["P107", "P107"]
    assert "there is no file for it" in made.refusals[0].summary
    assert "neither" in made.refusals[1].summary


def test_gone_on_both_sides_is_forgotten() -> None:
    change = only(plan({A: A_TEXT}, {A: A_TEXT}, {A: A_TEXT, B: B_TEXT}))
    assert (change.key, change.action, change.before, change.after) == (B, Action.FORGET, None, None)


def test_a_lost_ledger_is_rebuilt_from_what_equals_the_files() -> None:
    state = live({A: A_TEXT, B: B_TEXT}, ledger_problem="checksum differs")
    made = plan({A: A_TEXT, B: B_TEXT.replace("two", "due")}, {A: A_TEXT, B: B_TEXT}, state=state)
    assert actions(made) == {"flow dev/a": "adopt", "flow dev/b": "update"}
    assert made.rebuilt == (A,)
    assert codes(made) == ["P101"]
    assert [(w.code, "checksum differs" in w.detail) for w in made.warnings] == [("P118", True)]


def test_what_a_killed_apply_wrote_is_ours() -> None:
    made_by_us = live({A: A_TEXT, B: B_TEXT}).flows
    intents = lock(Intent(A, made_by_us[A].digest), Intent(B, made_by_us[B].digest))
    state = live({A: A_TEXT, B: B_TEXT}, ledger=ledger({}), lock=intents)
    made = plan({A: A_TEXT.replace("one", "uno")}, {A: A_TEXT, B: B_TEXT}, state=state)
    assert actions(made) == {"flow dev/a": "update", "flow dev/b": "delete"}
    assert codes(made) == []
    assert [warning.code for warning in made.warnings] == ["P119"]


@pytest.mark.parametrize(("gone", "said"), [(False, "right now"), (True, "cut short")])
def test_a_lock_whose_process_has_ended_is_not_said_to_be_at_work(gone: bool, said: str) -> None:
    held = replace(lock(), expires_at=NOW + timedelta(minutes=5))
    asked = replace(request({}, {}, {}, state=live({}, ledger=ledger({}), lock=held)), holder_gone=gone)
    [warning] = build_plan(asked).warnings
    assert said in warning.summary
    assert ("its process has ended" in warning.detail) is gone


def test_what_a_killed_apply_did_not_reach_is_as_before() -> None:
    state = live({A: A_TEXT}, ledger=ledger({}), lock=lock(Intent(A, "0" * 64)))
    assert codes(plan({A: A_TEXT + "#\n"}, {A: A_TEXT}, state=state)) == ["P101"]


def test_intents_of_a_lock_that_was_given_back_count_no_more() -> None:
    digest = live({A: A_TEXT}).flows[A].digest
    state = live({A: A_TEXT}, ledger=ledger({}), lock=lock(Intent(A, digest), released=True))
    made = plan({A: A_TEXT + "#\n"}, {A: A_TEXT}, state=state)
    assert (codes(made), made.warnings) == (["P101"], ())


def test_a_write_of_a_killed_apply_that_equals_the_file_only_updates_the_ledger() -> None:
    digest = live({A: A_TEXT}).flows[A].digest
    state = live({A: A_TEXT}, ledger=ledger({}), lock=lock(Intent(A, digest)))
    change = only(plan({A: A_TEXT}, {A: A_TEXT}, state=state))
    assert (change.action, change.reason) == (Action.ADOPT, "an apply that was cut short wrote it")


def test_a_delete_of_a_killed_apply_is_forgotten_not_drift() -> None:
    state = live({}, ledger=ledger({A: A_TEXT}), lock=lock(Intent(A, None)))
    made = plan({}, {}, state=state)
    assert actions(made) == {"flow dev/a": "forget"}
    assert made.drift == ()


def test_an_apply_that_is_going_on_is_said() -> None:
    held = replace(lock(), expires_at=NOW + timedelta(minutes=1))
    made = plan({}, {}, state=live({}, lock=held))
    assert "right now" in made.warnings[0].summary
