"""What somebody disabled on the server stays disabled, and is never taken for what a file said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowctl.flowtext.digests import text_digest
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Intent, Lock, Stopped
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change, Plan
from flowctl.planning.build import build_plan
from flowctl.planning.request import PlanOptions
from tests.planning.sample import EARLIER, NOW, flow, ledger, live, request

KEY, APPLIED = flow("dev", "a", "hello")
NEWER = APPLIED.replace("hello", "hello, world")
OFF = "disabled: true"


def planned(
    file: str, server: str, recorded: str | None = APPLIED, *resume: str, state: LiveState | None = None
) -> Plan:
    """The plan from a server's text, with what the ledger says was applied, to a file's."""
    books = ledger({KEY: recorded} if recorded is not None else {})
    found = state or live({KEY: server}, ledger=books)
    options = PlanOptions(adopt_all=True, resume=resume)
    return build_plan(request({KEY: file}, {KEY: server}, options=options, state=found))


def only(plan: Plan) -> Change:
    """The only change of a plan."""
    (change,) = plan.changes
    return change


def written(plan: Plan) -> str:
    """What the server would get."""
    after = only(plan).after
    assert after is not None and after.source is not None
    return after.source


def codes(plan: Plan) -> list[str]:
    """Codes of everything that is said."""
    return [one.code for one in (*plan.refusals, *plan.warnings, *(note for one in plan.changes for note in one.notes))]


def test_a_change_keeps_the_flow_disabled() -> None:
    plan = planned(NEWER, APPLIED + OFF)
    assert written(plan) == NEWER + OFF + "\n"
    assert only(plan).action is Action.UPDATE and only(plan).kept_off == text_digest(NEWER)
    assert [field.place for field in only(plan).fields] == ["tasks[say1].message"]
    assert [row.text for row in only(plan).impact.runtime] == ["the flow is disabled, and stays so"]
    assert codes(plan) == ["P128"]


def test_nothing_changes_when_it_is_disabled_and_nothing_else() -> None:
    plan = planned(APPLIED, APPLIED + OFF)
    assert plan.empty and codes(plan) == ["P128"]
    assert plan.warnings[0].summary == "dev/a is disabled on the server, and stays so"


@pytest.mark.parametrize("place", ["# why: the source is down\ndisabled: true\n" + APPLIED, APPLIED + OFF + "\n"])
def test_where_the_server_has_the_line_does_not_matter_unless_more_was_edited(place: str) -> None:
    plan = planned(APPLIED, place)
    if place.startswith("#"):
        assert written(plan) == APPLIED + OFF + "\n"
    else:
        assert plan.empty


def test_a_file_that_says_false_is_kept_off_too() -> None:
    file = APPLIED + "disabled: false\n"
    assert planned(file, APPLIED + OFF, file).empty
    assert written(planned(file.replace("hello", "bye"), APPLIED + OFF, file)).endswith("disabled: true\n")


def test_a_flow_that_its_own_file_disabled_is_enabled_by_it() -> None:
    plan = planned(APPLIED, APPLIED + OFF, APPLIED + OFF)
    assert written(plan) == APPLIED and only(plan).kept_off is None and codes(plan) == ["H13"]


def test_a_flow_that_its_file_disables_now_is_no_longer_kept_off() -> None:
    plan = planned(APPLIED + OFF, APPLIED + OFF)
    assert (only(plan).action, only(plan).kept_off, codes(plan)) == (Action.ADOPT, None, [])


@pytest.mark.parametrize("pattern", ["dev/a", "dev/*", "*"])
def test_resume_enables(pattern: str) -> None:
    plan = planned(NEWER, APPLIED + OFF, APPLIED, pattern)
    assert written(plan) == NEWER and codes(plan) == ["H13"]


def test_resume_of_a_name_that_is_not_disabled_is_said() -> None:
    plan = planned(NEWER, APPLIED + OFF, APPLIED, "dev/b")
    assert written(plan) == NEWER + OFF + "\n" and codes(plan) == ["P129", "P128"]


def test_a_flow_that_nobody_applied_yet_stays_disabled_when_it_is_taken_over() -> None:
    plan = planned(NEWER, APPLIED + OFF, None)
    assert written(plan) == NEWER + OFF + "\n" and only(plan).kept_off == text_digest(NEWER)
    same = planned(APPLIED, APPLIED + OFF, None)
    assert only(same).action is Action.ADOPT and only(same).kept_off == text_digest(APPLIED)


def test_a_change_that_was_made_while_it_was_disabled_is_written_down_by_adoption() -> None:
    plan = planned(NEWER, NEWER + OFF, APPLIED)
    assert (only(plan).action, only(plan).kept_off) == (Action.ADOPT, text_digest(NEWER))
    assert only(plan).reason == "it is disabled on the server, and as its file says otherwise"


def locked(**more: object) -> LiveState:
    """A server on which an apply was cut short."""
    lock = Lock("l", "ada", "host", EARLIER, NOW, "p", **more)  # type: ignore[arg-type]  # parts of a lock
    return replace(live({KEY: APPLIED + OFF}, ledger=ledger({KEY: APPLIED})), lock=lock)


def test_what_an_apply_that_was_cut_short_kept_off_is_not_taken_for_the_files_wish() -> None:
    began = locked(intents=(Intent(KEY, text_digest(APPLIED + OFF), text_digest(APPLIED)),))
    plan = planned(APPLIED, APPLIED + OFF, state=began)
    assert plan.empty and "P128" in codes(plan)
    file_said_so = locked(intents=(Intent(KEY, text_digest(APPLIED + OFF)),))
    assert written(planned(APPLIED, APPLIED + OFF, state=file_said_so)) == APPLIED


def test_what_a_drain_that_was_cut_short_disabled_is_enabled() -> None:
    stopped = Stopped(KEY, 1, text_digest(APPLIED), text_digest(APPLIED + OFF))
    plan = planned(APPLIED, APPLIED + OFF, state=locked(stopped=(stopped,)))
    assert written(plan) == APPLIED


def test_a_text_that_cannot_be_edited_is_written_as_it_is_and_that_is_said() -> None:
    braces = (
        "{id: a, namespace: dev, disabled: {}, tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]}\n"
    )
    plan = planned(braces, APPLIED + OFF)
    assert written(plan) == braces and "H13" in codes(plan)


def test_several_flows_are_said_in_one_line() -> None:
    keys = [FlowKey("dev", f"f{number}") for number in range(7)]
    texts = {key: APPLIED.replace("id: a", f"id: {key.id}") for key in keys}
    off = {key: text + OFF for key, text in texts.items()}
    plan = build_plan(request(texts, off, state=live(off, ledger=ledger(texts))))
    (note,) = plan.warnings
    assert note.summary == "7 flows are disabled on the server, and stay so"
    assert note.detail == "dev/f0, dev/f1, dev/f2, dev/f3, dev/f4 and 2 more"


def test_a_move_that_enables_a_flow_is_warned_of() -> None:
    old, text = flow("dev", "old", "hello")
    new, moved = flow("dev", "new", "hello")
    plan = build_plan(request({new: moved}, {old: text + OFF}, {old: text}, options=PlanOptions(allow_empty=True)))
    said = {one.code: one.summary for change in plan.changes for one in change.notes}
    assert said["H13"] == "dev/old is disabled on the server, and is enabled under its new name"
    kept = build_plan(request({new: moved + OFF}, {old: text + OFF}, {old: text}))
    assert all(one.code != "H13" for change in kept.changes for one in change.notes)
