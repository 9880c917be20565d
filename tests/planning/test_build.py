"""What a plan does about what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowctl.errors import PlanError
from flowctl.flowtext.digests import kv_digest
from flowctl.model.ledger import keyed_digest
from flowctl.model.live import Verdict
from flowctl.model.plan import Action, Extent, Plan
from flowctl.planning.build import attach_verdicts, build_plan, to_validate
from flowctl.planning.differences.compare import contents_needed, differing
from flowctl.planning.request import PlanOptions
from flowctl.planning.selection import Selection
from tests.planning.sample import DIGEST_KEY, environment, ledger, live, plan, project, request
from tests.planning.sides import A_TEXT, B_TEXT, CALLER, CALLER_TEXT, FILE, HERE, VALUE, A, B, Objects, actions, only


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


def test_a_selection_that_matches_nothing_is_warned_of() -> None:
    made = plan({A: A_TEXT}, {}, {}, selection=Selection(("dev/a", "dev/nobody")))
    assert [(one.code, one.subject) for one in made.warnings] == [("P127", "dev/nobody")]
    adopting = PlanOptions(adopt=("dev/nobody",))
    assert not plan({A: A_TEXT}, {}, {}, selection=Selection(("dev/nobody",)), options=adopting).warnings


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
