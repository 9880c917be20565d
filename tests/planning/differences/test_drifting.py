"""What somebody else changed on the server since the last apply."""

from __future__ import annotations

from dataclasses import replace

from flowctl.model.plan import Action
from tests.planning.sample import ledger, live, plan
from tests.planning.sides import A_TEXT, B_TEXT, A, B, only


def test_an_edit_on_the_server_is_drift_with_what_was_changed() -> None:
    made = plan({A: A_TEXT}, {A: A_TEXT.replace("one", "UI")}, {A: A_TEXT})
    (drift,) = made.drift
    assert (drift.kind, drift.applied_by) == ("changed", "ada@host")
    assert [(field.place, field.before, field.after) for field in drift.fields] == [
        ("tasks[say1].message", "one", "UI")
    ]
    assert only(made).reason == "it was changed on the server"


def test_edits_on_both_sides_are_said_to_be_both() -> None:
    made = plan({A: A_TEXT.replace("one", "file")}, {A: A_TEXT.replace("one", "UI")}, {A: A_TEXT})
    assert only(made).reason == "the file changed, and so did the server"
    assert made.drift[0].fields == ()


def test_the_same_edit_on_both_sides_is_no_drift() -> None:
    new = A_TEXT.replace("one", "both")
    made = plan({A: new}, {A: new}, {A: A_TEXT})
    assert (made.drift, only(made).action) == ((), Action.ADOPT)


def test_deleted_on_the_server_is_drift_and_created_again() -> None:
    state = live({}, ledger=ledger({A: A_TEXT}), deleted={A: 7})
    made = plan({A: A_TEXT}, {}, state=state)
    assert [(drift.kind, drift.live_revision) for drift in made.drift] == [("deleted", 7)]
    change = only(made)
    assert (change.action, [note.code for note in change.notes]) == (Action.CREATE, ["H17"])
    assert "this one becomes 8" in change.notes[0].summary


def test_written_again_with_the_same_text_updates_the_ledger() -> None:
    state = live({A: A_TEXT}, {A: 3}, ledger=ledger({A: A_TEXT}, {A: 1}))
    made = plan({A: A_TEXT}, {A: A_TEXT}, state=state)
    assert [drift.kind for drift in made.drift] == ["recreated"]
    assert only(made).action is Action.ADOPT


def test_a_ledger_that_knows_no_revision_tells_by_the_digest() -> None:
    entry = replace(ledger({A: A_TEXT}).entries[A], revision=None)
    state = live({A: A_TEXT}, {A: 3}, ledger=replace(ledger({}), entries={A: entry}))
    assert plan({A: A_TEXT}, {A: A_TEXT}, state=state).empty
    assert plan({A: A_TEXT + "# more\n"}, {A: A_TEXT}, state=state).drift == ()


def test_deleting_an_edited_flow_says_that_the_edit_goes_too() -> None:
    change = only(plan({A: A_TEXT}, {A: A_TEXT, B: B_TEXT + "# edit\n"}, {A: A_TEXT, B: B_TEXT}))
    assert (change.action, [note.code for note in change.notes]) == (Action.DELETE, ["P115"])
