"""A flow that goes away and one that appears, and are the same flow."""

from __future__ import annotations

import pytest

from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action
from flowctl.planning.differences.moves import alike, find_moves
from flowctl.planning.request import PlanOptions
from tests.planning.sample import environment, flow, plan
from tests.planning.sides import A_TEXT, A, codes

MOVED, _ = flow("dev.team", "a", "one")
MOVED_TEXT = A_TEXT.replace("namespace: dev", "namespace: dev.team")


def test_a_moved_file_is_a_move() -> None:
    made = plan({MOVED: MOVED_TEXT}, {A: A_TEXT}, {A: A_TEXT})
    new, old = made.changes
    assert (new.action, new.moved_from, [note.code for note in new.notes]) == (Action.CREATE, A, ["H16"])
    assert (old.action, old.moved_to, old.depends_on) == (Action.DELETE, MOVED, (MOVED,))
    assert new.level < old.level


def long(name: str, *words: str) -> tuple[FlowKey, str]:
    return flow("dev", name, *words, "c", "d", "e", "f", "g", "h")


def test_a_move_is_no_delete_for_the_limit() -> None:
    made = plan({MOVED: MOVED_TEXT}, {A: A_TEXT}, {A: A_TEXT}, options=PlanOptions(max_deletes=0))
    assert codes(made) == []


def test_of_several_flows_with_one_text_those_move_that_keep_an_id_of_their_own() -> None:
    text = "tasks: []\n"
    gone = {FlowKey("dev.a", "x"): text, FlowKey("dev.b", "x"): text, FlowKey("dev.a", "y"): text}
    new = {FlowKey("dev.c", "x"): text, FlowKey("dev.c", "y"): text}
    assert find_moves(gone, new) == {FlowKey("dev.a", "y"): FlowKey("dev.c", "y")}


@pytest.mark.parametrize(("common", "moves"), [(4, True), (3, False)])
def test_four_of_five_lines_in_common_are_enough(common: int, moves: bool) -> None:
    old, new = [f"{n}\n" for n in range(5)], [f"{n if n < common else n + 10}\n" for n in range(5)]
    assert alike("".join(old), "".join(new)) is moves


def test_an_edited_and_renamed_flow_is_a_move_when_there_is_one_candidate() -> None:
    old, old_text = long("old", "a", "b")
    new, new_text = long("new", "a", "B")
    assert plan({new: new_text}, {old: old_text}, {old: old_text}).changes[0].moved_from == old
    other, other_text = long("other", "a", "BB")
    made = plan({new: new_text, other: other_text}, {old: old_text}, {old: old_text})
    assert [change.moved_from for change in made.changes] == [None, None, None]
    made = plan({new: new_text}, {old: old_text, other: other_text}, {old: old_text, other: other_text})
    assert [change.moved_from for change in made.changes] == [None, None, None]


def test_a_move_says_what_differs_besides_the_name() -> None:
    old, old_text = flow("dev", "old", *(f"line {n}" for n in range(20)))
    new, new_text = flow("dev", "new", *(f"line {n}" for n in range(19)), "another")
    (change, gone) = plan({new: new_text}, {old: old_text}, {old: old_text}).changes
    assert [(field.place, field.before, field.after) for field in change.fields] == [
        ("tasks[say20].message", "line 19", "another")
    ]
    assert not gone.fields


def test_a_protected_flow_does_not_move_either() -> None:
    made = plan({MOVED: MOVED_TEXT}, {A: A_TEXT}, {A: A_TEXT}, env=environment(protect=("dev/a",)))
    assert codes(made) == ["P104"]
    assert "move to dev.team/a" in made.refusals[0].summary
