"""Who owns what, and what a plan does about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flowctl.errors import PlanError
from flowctl.flowtext.digests import keyed_digest, kv_digest
from flowctl.model.environment import Environment
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import Intent, Lock
from flowctl.model.live import Verdict
from flowctl.model.plan import Action, Change, Extent, Plan
from flowctl.planning.build import attach_verdicts, build_plan, to_validate
from flowctl.planning.differences.compare import contents_needed, differing
from flowctl.planning.differences.moves import alike, find_moves
from flowctl.planning.request import PlanOptions
from flowctl.planning.selection import Selection
from tests.planning.sample import (
    DIGEST_KEY,
    EARLIER,
    NOW,
    Content,
    environment,
    flow,
    ledger,
    live,
    plan,
    project,
    request,
)

A, A_TEXT = flow("dev", "a", "one")
B, B_TEXT = flow("dev", "b", "two")
FILE, VALUE = FileKey("dev", "/x.sql"), KvKey("dev", "LIMIT")
Objects = dict[ObjectKey, Content]
HERE: Objects = {A: A_TEXT, FILE: b"select 1", VALUE: ("NUMBER", 5)}


def actions(made: Plan) -> dict[str, str]:
    """Address → action."""
    return {change.key.address: change.action.value for change in made.changes}


def codes(made: Plan) -> list[str]:
    return [refusal.code for refusal in made.refusals]


def only(made: Plan) -> Change:
    (change,) = made.changes
    return change


def test_everything_is_created_on_an_empty_server() -> None:
    made = plan(HERE, {})
    assert actions(made) == {"flow dev/a": "create", "file dev:/x.sql": "create", "kv dev:LIMIT": "create"}
    assert made.refusals == ()
    assert {change.key: change.after.data for change in made.changes if change.after}[FILE] == b"select 1"


def test_equal_sides_and_ledger_are_an_empty_plan() -> None:
    made = plan(HERE, HERE, HERE)
    assert made.empty
    assert (made.counts.unchanged, made.lineage, made.serial) == (3, "lineage-1", 4)
    assert made.drift == made.refusals == made.warnings == ()


def test_what_the_file_changed_is_updated() -> None:
    new = A_TEXT.replace("one", "uno")
    change = only(plan({A: new}, {A: A_TEXT}, {A: A_TEXT}))
    assert (change.action, change.reason, change.path) == (Action.UPDATE, "the file changed", "flows/dev/a.yaml")
    assert [(field.place, field.before, field.after) for field in change.fields] == [
        ("tasks[say1].message", "one", "uno")
    ]
    assert change.before is not None and change.after is not None
    assert (change.before.source, change.before.revision, change.after.source) == (A_TEXT, 1, new)


@pytest.mark.parametrize(
    ("new", "extent"),
    [
        (A_TEXT + "# said later\n", Extent.COMMENTS),
        (A_TEXT.replace("message: one", "message: one # why"), Extent.COMMENTS),
        (A_TEXT.replace("message: one", 'message: "one"'), Extent.FORMATTING),
        (A_TEXT + "\n", Extent.FORMATTING),
        (A_TEXT.replace("\n", "\r\n"), Extent.FORMATTING),
        (A_TEXT.replace("message: one", "message: one#1"), Extent.CONTENT),
    ],
)
def test_comments_and_layout_are_told_apart_and_deployed(new: str, extent: Extent) -> None:
    change = only(plan({A: new}, {A: A_TEXT}, {A: A_TEXT}))
    assert (change.action, change.extent) == (Action.UPDATE, extent)
    assert bool(change.fields) is (extent is Extent.CONTENT)


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


def lock(*intents: Intent, released: bool = False) -> Lock:
    return Lock("l1", "ada", "host", EARLIER, EARLIER + timedelta(minutes=5), "plan-0", intents, released)


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


def test_a_key_value_that_ran_out_is_no_change() -> None:
    wanted = project({VALUE: ("NUMBER", 5)})
    lasting = replace(wanted, kv={VALUE: replace(wanted.kv[VALUE], ttl="PT1H")})
    asked = replace(request({}, {}, {VALUE: ("NUMBER", 5)}), project=lasting)
    assert build_plan(asked).empty
    assert only(build_plan(replace(request({}, {}, {}), project=lasting))).action is Action.CREATE
    changed = replace(lasting, kv={VALUE: replace(lasting.kv[VALUE], digest=kv_digest("NUMBER", 6), value=6)})
    assert only(build_plan(replace(asked, project=changed))).action is Action.CREATE


def secret(digest: str | None) -> Plan:
    wanted = project({VALUE: ("STRING", "unused")})
    from_variable = replace(wanted.kv[VALUE], value=None, env="TOKEN", digest=digest)
    state = live({VALUE: ("STRING", "hunter2")}, ledger=ledger({VALUE: ("STRING", "hunter2")}, secret=(VALUE,)))
    asked = replace(request({}, {}), live=state, project=replace(wanted, kv={VALUE: from_variable}))
    return build_plan(asked)


def test_values_of_variables_are_compared_by_keyed_digest() -> None:
    assert secret(kv_digest("STRING", "hunter2")).empty
    change = only(secret(kv_digest("STRING", "new")))
    assert change.after is not None and change.before is not None
    assert change.after.digest == keyed_digest(DIGEST_KEY, kv_digest("STRING", "new"))
    assert change.before.digest == keyed_digest(DIGEST_KEY, kv_digest("STRING", "hunter2"))
    assert (change.after.value, change.after.env, change.reason) == (None, "TOKEN", "the value of TOKEN changed")


def test_a_variable_that_is_set_and_empty_is_warned_of() -> None:
    assert [note.code for note in only(secret(kv_digest("STRING", ""))).notes] == ["P124"]
    assert only(secret(kv_digest("STRING", "new"))).notes == ()


def test_a_variable_that_is_not_set_is_said_not_guessed() -> None:
    made = secret(None)
    assert (made.empty, [warning.code for warning in made.warnings]) == (True, ["P116"])


def many(count: int) -> Objects:
    return dict(flow("dev", f"f{number:02}") for number in range(count))


@pytest.mark.parametrize(("kept", "total", "refused"), [(7, 10, False), (6, 10, True), (5, 9, False), (14, 20, False)])
def test_too_many_deletes_are_refused(kept: int, total: int, refused: bool) -> None:
    before = many(total)
    desired: Objects = dict(list(before.items())[:kept])
    made = plan(desired, before, before)
    assert codes(made) == (["P102"] if refused else [])


@pytest.mark.parametrize("limit", [4, "4", "40%"])
def test_the_limit_can_be_raised(limit: int | str) -> None:
    before = many(10)
    desired: Objects = dict(list(before.items())[:6])
    assert codes(plan(desired, before, before, options=PlanOptions(max_deletes=limit))) == []


@pytest.mark.parametrize("limit", ["many", "-1", "120%", ""])
def test_a_limit_that_is_none_is_an_error(limit: str) -> None:
    with pytest.raises(PlanError) as raised:
        plan({}, {}, {}, options=PlanOptions(max_deletes=limit))
    assert raised.value.diagnostics[0].code == "P109"


def test_an_empty_directory_is_refused() -> None:
    assert codes(plan({}, {A: A_TEXT}, {A: A_TEXT})) == ["P103"]
    assert codes(plan({}, {A: A_TEXT}, {A: A_TEXT}, options=PlanOptions(allow_empty=True))) == []
    assert codes(plan({}, {}, {})) == []


def test_a_protected_flow_stays() -> None:
    guarded = environment(protect=("dev/b*",))
    made = plan({A: A_TEXT}, {A: A_TEXT, B: B_TEXT}, {A: A_TEXT, B: B_TEXT}, env=guarded)
    assert codes(made) == ["P104"]
    allowed = PlanOptions(allow_protected=("dev/b",))
    assert codes(plan({A: A_TEXT}, {A: A_TEXT, B: B_TEXT}, {A: A_TEXT, B: B_TEXT}, env=guarded, options=allowed)) == []


CALLER, CALLER_TEXT = flow("dev", "caller", ">dev/b")


@pytest.mark.parametrize(
    ("level", "refused", "warned"),
    [("block", ["H3"], []), ("warn", [], ["warning"]), ("inform", [], ["info"]), ("off", [], [])],
)
def test_a_flow_that_others_call_is_not_deleted(level: str, refused: list[str], warned: list[str]) -> None:
    objects: Objects = {CALLER: CALLER_TEXT, B: B_TEXT}
    made = plan({CALLER: CALLER_TEXT}, objects, objects, env=environment(hazards={"H3": level}))
    assert (codes(made), [one.severity for one in made.warnings if one.code == "H3"]) == (refused, warned)


def test_an_unmanaged_caller_counts_too() -> None:
    everything: Objects = {CALLER: CALLER_TEXT, B: B_TEXT, A: A_TEXT}
    made = plan({A: A_TEXT}, everything, {A: A_TEXT, B: B_TEXT})
    assert codes(made) == ["H3"]
    assert made.refusals[0].detail == "dev/caller at tasks[call1]"


def test_one_that_calls_among_others_that_listen_is_enough_to_refuse() -> None:
    listens = "triggers:\n  - id: t\n    type: io.kestra.plugin.core.trigger.Flow\n    dependsOn:\n"
    other, text = flow("dev", "listens", extra=listens + "      - {namespace: dev, flowId: b}\n")
    objects: Objects = {CALLER: CALLER_TEXT, other: text, B: B_TEXT}
    assert codes(plan({CALLER: CALLER_TEXT, other: text}, objects, objects)) == ["H3"]
    made = plan({other: text}, {other: text, B: B_TEXT}, {other: text, B: B_TEXT})
    assert (codes(made), [warning.code for warning in made.warnings]) == ([], ["H3"])


def test_a_caller_that_goes_in_the_same_plan_does_not_count() -> None:
    objects: Objects = {CALLER: CALLER_TEXT, B: B_TEXT, A: A_TEXT}
    made = plan({A: A_TEXT}, objects, objects)
    assert codes(made) == []
    assert [change.key for change in made.changes] == [CALLER, B]


def test_nulls_are_refused_once_more() -> None:
    made = plan({A: A_TEXT + "  -\ntriggers:\n  - null\n"}, {}, {})
    assert [(refusal.code, refusal.place) for refusal in made.refusals] == [
        ("P105", "tasks[1]"),
        ("P105", "triggers[0]"),
    ]


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


def test_what_is_to_be_forgotten_stays_on_the_server() -> None:
    objects = {A: A_TEXT, B: B_TEXT}
    change = only(plan({A: A_TEXT}, objects, objects, options=PlanOptions(forget=("dev/b",))))
    assert (change.action, change.key, change.reason) == (
        Action.FORGET,
        B,
        "no file has it any more; it stays on the server",
    )


@pytest.mark.parametrize(("name", "why"), [("dev/a", "it still has a file"), ("dev/nobody", "does not own it")])
def test_nothing_to_forget_is_a_refusal(name: str, why: str) -> None:
    made = plan({A: A_TEXT}, {A: A_TEXT}, {A: A_TEXT}, options=PlanOptions(forget=(name,)))
    assert codes(made) == ["P125"] and why in made.refusals[0].summary


def test_a_selection_that_matches_nothing_is_warned_of() -> None:
    made = plan({A: A_TEXT}, {}, {}, selection=Selection(("dev/a", "dev/nobody")))
    assert [(one.code, one.subject) for one in made.warnings] == [("P127", "dev/nobody")]
    adopting = PlanOptions(adopt=("dev/nobody",))
    assert not plan({A: A_TEXT}, {}, {}, selection=Selection(("dev/nobody",)), options=adopting).warnings


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


def test_ignored_places_do_not_count() -> None:
    edited = A_TEXT.replace("message: one", "message: two")
    guarded = environment(ignore=("tasks[*].message",))
    made = plan({A: A_TEXT}, {A: edited}, {A: A_TEXT}, env=guarded)
    assert (made.empty, made.counts.ignored, made.drift) == (True, 1, ())
    more = edited.replace("id: say1", "id: say1\n    logLevel: WARN")
    change = only(plan({A: A_TEXT}, {A: more}, {A: A_TEXT}, env=guarded))
    assert [note.code for note in change.notes] == ["P114"]


def test_a_selection_leaves_the_rest_alone_and_says_how_many() -> None:
    desired: Objects = {A: A_TEXT, B: B_TEXT, FILE: b"x"}
    made = plan(desired, {B: B_TEXT}, {B: B_TEXT}, selection=Selection(select=("dev/a",)))
    assert (actions(made), made.counts.not_selected, made.counts.unchanged) == ({"flow dev/a": "create"}, 2, 0)
    made = plan(desired, {B: B_TEXT}, {B: B_TEXT}, selection=Selection(exclude=("dev/a",)))
    assert actions(made) == {"file dev:/x.sql": "create"}


def test_changed_paths_select_files_moves_and_deletes() -> None:
    changed = Selection(paths=frozenset({"flows/dev/a.yaml", "flows/dev/b.yaml"}))
    made = plan({A: A_TEXT, CALLER: CALLER_TEXT}, {B: B_TEXT}, {B: B_TEXT}, selection=changed)
    assert actions(made) == {"flow dev/a": "create", "flow dev/b": "delete"}


def test_a_file_that_changed_while_planning_is_noticed() -> None:
    asked = replace(request({FILE: b"one"}, {}), data={FILE: b"two"})
    with pytest.raises(PlanError) as raised:
        build_plan(asked)
    assert raised.value.diagnostics[0].code == "P108"


def test_what_has_to_be_read_is_known_beforehand() -> None:
    desired: Objects = {A: A_TEXT + "#\n", FILE: b"new"}
    state = live({A: A_TEXT, B: B_TEXT, CALLER: CALLER_TEXT}, ledger=ledger({A: A_TEXT, B: B_TEXT}))
    assert differing(project(desired), state) == (A, B)
    assert contents_needed(project(desired), state) == (FILE,)


def test_constraints_refuse_and_warnings_are_notes() -> None:
    made = plan({A: A_TEXT, B: B_TEXT}, {}, {})
    assert [key for key, _ in to_validate(made)] == [A, B]
    judged = attach_verdicts(made, {A: Verdict(A, ("bad type",), ("odd",), ("old name",), ("fyi",))})
    assert [(refusal.code, refusal.detail, refusal.path) for refusal in judged.refusals] == [
        ("P106", "bad type", "flows/dev/a.yaml")
    ]
    assert [note.code for note in judged.changes[0].notes] == ["P110", "P111", "P112"]
    assert attach_verdicts(judged, {A: Verdict(A)}).refusals == ()


def test_a_subflow_that_the_same_plan_creates_is_not_missed() -> None:
    made = plan({A: A_TEXT, B: B_TEXT}, {})
    said = ("The subflow 'a' not found in namespace 'dev'.", "The subflow 'zz' not found in namespace 'dev'.")
    judged = attach_verdicts(made, {B: Verdict(B, warnings=said)})
    assert [note.summary for note in judged.changes[1].notes] == [f"the server warns: {said[1]}"]


def test_an_apply_that_is_going_on_is_said() -> None:
    held = replace(lock(), expires_at=NOW + timedelta(minutes=1))
    made = plan({}, {}, state=live({}, lock=held))
    assert "right now" in made.warnings[0].summary


def test_the_policy_is_tied_to_the_plan() -> None:
    def digest(env: Environment) -> str:
        return plan({}, {}, env=env).policy_digest

    assert digest(environment()) == digest(environment())
    assert digest(environment()) != digest(environment(protect=("x",)))
