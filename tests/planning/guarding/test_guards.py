"""Plans that are refused as a whole, and the option that overrides each refusal."""

from __future__ import annotations

import pytest

from flowctl.errors import PlanError
from flowctl.model.environment import Environment
from flowctl.model.plan import Action
from flowctl.planning.request import PlanOptions
from tests.planning.sample import environment, flow, plan
from tests.planning.sides import A_TEXT, B_TEXT, CALLER, CALLER_TEXT, A, B, Objects, codes, only


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


def test_the_policy_is_tied_to_the_plan() -> None:
    def digest(env: Environment) -> str:
        return plan({}, {}, env=env).policy_digest

    assert digest(environment()) == digest(environment())
    assert digest(environment()) != digest(environment(protect=("x",)))
