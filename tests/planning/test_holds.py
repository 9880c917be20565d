"""What waits together."""

from __future__ import annotations

from flowctl.model.holding import circle_of, held_together
from flowctl.model.impact import ContractChange, Impact
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.plan import Action, Change

A, B, C = (FlowKey("dev", id_) for id_ in "abc")


def change(key: FlowKey, *needs: ObjectKey, breaks: bool = False, moved_from: FlowKey | None = None) -> Change:
    impact = Impact(contract=(ContractChange("breaking", "input x is required"),)) if breaks else Impact()
    return Change(Action.UPDATE, key, None, None, "", 0, depends_on=tuple(needs), impact=impact, moved_from=moved_from)


def test_what_depends_on_a_held_object_is_held_at_any_distance() -> None:
    held = held_together([change(A), change(B, A), change(C, B)], {A: "1 running"})
    assert held == {A: "1 running", B: "waits with flow dev/a", C: "waits with flow dev/b"}


def test_what_a_held_flow_calls_goes_ahead_when_its_interface_stays() -> None:
    assert set(held_together([change(A), change(B, A)], {B: "1 running"})) == {B}


def test_what_a_held_flow_calls_waits_when_its_interface_breaks() -> None:
    assert set(held_together([change(A, breaks=True), change(B, A)], {B: "1 running"})) == {A, B}


def test_both_halves_of_a_move_wait() -> None:
    assert set(held_together([change(A), change(B, moved_from=A)], {A: "1 running"})) == {A, B}


def going(key: FlowKey, *callers: FlowKey) -> Change:
    return Change(Action.DELETE, key, None, None, "", 0, called_by=callers)


def test_a_flow_that_goes_waits_for_those_that_may_call_it_yet() -> None:
    changes = [going(A, B), going(B, A), going(C, B)]
    held = held_together(changes, {A: "1 running"})
    assert held == {A: "1 running", B: "waits with flow dev/a", C: "waits with flow dev/b"}


def test_a_circle_is_what_calls_a_flow_and_is_called_by_it() -> None:
    changes = [going(A, B), going(B, A), going(C, B)]
    assert circle_of(A, changes) == circle_of(B, changes) == (A, B)
    assert circle_of(C, changes) == ()
    assert circle_of(A, [going(A, A)]) == (A,)


def test_nothing_is_held_when_nothing_is_busy() -> None:
    assert held_together([change(A), change(B, A)], {}) == {}
