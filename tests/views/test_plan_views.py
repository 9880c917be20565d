"""Plans as text, Markdown and JSON, compared as a whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache

import pytest

from flowctl.model.keys import FlowKey
from flowctl.model.plan import Counts, Plan
from flowctl.planfile.codec import dumps
from flowctl.views.plans.json import plan_json
from flowctl.views.plans.markdown import BUDGET, plan_markdown
from flowctl.views.plans.terraform import terraform_json
from flowctl.views.plans.text import plan_text
from tests.planning.sample import NOW, flow, plan
from tests.views.golden import assert_golden
from tests.views.plans import SECRET_VALUE, empty_plan, full_plan, refused_plan

FULL, REFUSED, EMPTY = full_plan(), refused_plan(), empty_plan()
EACH = {"full": FULL, "refused": REFUSED, "empty": EMPTY}


@pytest.mark.parametrize("name", EACH)
def test_text(name: str) -> None:
    assert_golden(f"plan_{name}.txt", plan_text(EACH[name]))


def test_text_with_differences_and_what_is_unmanaged() -> None:
    assert_golden("plan_full_diff.txt", plan_text(FULL, diff=True, unmanaged=True))


def test_text_in_colour() -> None:
    coloured = plan_text(REFUSED, colour=True, diff=True)
    assert_golden("plan_refused_colour.txt", coloured)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plan_text(REFUSED, diff=True)


@pytest.mark.parametrize(("number", "last"), [(10, None), (11, "  and 1 more"), (300, "  and 290 more")], ids=str)
def test_long_drift_is_folded(number: int, last: str | None) -> None:
    made = replace(EMPTY, drift=tuple(replace(FULL.drift[0], key=FlowKey("dev", f"f{at:03}")) for at in range(number)))
    lines = plan_text(made).splitlines()
    assert [line for line in lines if "has changed" in line] == [
        f"  # flow dev/f{at:03} has changed (revision 3 -> 4)" for at in range(10)
    ]
    folded = [line for line in lines if line.startswith("  and ")]
    assert folded == ([f"{last} (--verbose shows all, `flowctl drift dev` each with its difference)"] if last else [])


def test_all_drift_is_shown_where_asked_for() -> None:
    made = replace(EMPTY, drift=tuple(replace(FULL.drift[0], key=FlowKey("dev", f"f{at:03}")) for at in range(300)))
    text = plan_text(made, every=True)
    assert text.count("has changed") == 300
    assert "more (" not in text


@pytest.mark.parametrize("name", EACH)
def test_markdown(name: str) -> None:
    assert_golden(f"plan_{name}.md", plan_markdown(EACH[name]))


@pytest.mark.parametrize("name", EACH)
def test_json(name: str) -> None:
    assert_golden(f"plan_{name}.json", plan_json(EACH[name]))


@pytest.mark.parametrize("name", EACH)
def test_terraform_json(name: str) -> None:
    assert_golden(f"plan_{name}_terraform.json", terraform_json(EACH[name]))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            Counts(unchanged=2, ignored=1),
            "No changes. The server matches the files of dev in what policy.ignore leaves.",
        ),
        (
            Counts(not_selected=3),
            "Nothing was compared: the selection leaves out 3 objects of dev, and there is no other.",
        ),
        (Counts(unchanged=2, not_selected=1), "No changes. The server matches the files of dev in what is selected."),
    ],
)
def test_no_changes_is_said_of_no_more_than_was_compared(counts: Counts, said: str) -> None:
    made = replace(EMPTY, counts=counts)
    assert said in plan_text(made).splitlines()
    assert f"**{said}**" in plan_markdown(made)


def test_a_refused_plan_without_changes_does_not_claim_a_match() -> None:
    made = replace(EMPTY, refusals=REFUSED.refusals)
    assert "matches" not in plan_text(made)
    assert "No changes are planned for dev." in plan_text(made)


def everything(made: Plan) -> list[str]:
    return [plan_text(made, diff=True), plan_markdown(made), plan_json(made), terraform_json(made)]


def test_no_view_shows_a_secret() -> None:
    for shown in everything(FULL):
        for secret in ("old-secret-key", "new-secret-key", SECRET_VALUE, '"old"'):
            assert secret not in shown


def test_a_value_from_a_variable_is_nowhere_in_the_plan_file() -> None:
    assert SECRET_VALUE not in dumps(FULL)
    assert "API_TOKEN" in dumps(FULL)


def test_control_characters_do_not_reach_the_terminal() -> None:
    key, text = flow("dev", "a", "x\x1b[31mred")
    made = plan({key: text.replace("\x1b", '"\\e"').replace("x", "y")}, {key: "id: a\n# \x9b31m\n"}, {})
    assert "\x1b" not in plan_text(made, diff=True)
    assert "\x9b" not in plan_text(made, diff=True)


@cache
def big(flows: int, lines: int) -> Plan:
    messages = [f"'- `line` {line}'" for line in range(lines)]
    desired = dict(flow("dev", f"f{number}", *messages) for number in range(flows))
    existing = {key: text.replace("line", "row") for key, text in desired.items()}
    return plan(desired, existing, existing)


@pytest.mark.parametrize("budget", [1_000, 2_500, 10_000, BUDGET])
@pytest.mark.parametrize(("flows", "lines"), [(3, 400), (300, 3), (2_000, 1)])
def test_markdown_stays_inside_its_budget_and_whole(budget: int, flows: int, lines: int) -> None:
    text = plan_markdown(big(flows, lines), budget)
    assert len(text) <= budget
    assert text.count("<details>") == text.count("</details>")
    assert len(re.findall(r"^`{3,}", text, re.MULTILINE)) % 2 == 0
    assert "left out for length" in text or (flows, budget) == (300, BUDGET)


def test_every_change_is_named_before_any_is_shown_in_full() -> None:
    text = plan_markdown(big(120, 30))
    assert all(f"dev/f{number} will be updated" in text for number in range(120))
    assert text.count("<details>") > 5 and "left out for length" in text


def test_a_list_dash_never_reads_as_a_removal() -> None:
    text = plan_markdown(FULL)
    removed = [line for line in text.splitlines() if line.startswith("-")]
    assert removed
    assert all(re.match(r"- |-\s*$", line) for line in removed)
    shown = {line[2:] for line in removed}
    raw = "\n".join(change.before.source or "" for change in FULL.changes if change.before is not None)
    assert all(line in raw or "******" in line or "order" in line for line in shown), "only what goes is marked"


def test_deletes_and_what_is_unmanaged_come_first() -> None:
    text = plan_markdown(FULL)
    places = [
        text.index(part) for part in ("will be deleted:", "not managed by flowctl", "<code>-</code>", "<code>~</code>")
    ]
    assert places == sorted(places)


def test_markup_in_names_and_messages_is_inert() -> None:
    made = refused_plan()
    text = plan_markdown(made)
    assert "<script" not in text
    assert json.loads(plan_json(made))["refusals"]


def test_terraform_readers_find_what_they_look_for() -> None:
    document = json.loads(terraform_json(FULL))
    assert document["format_version"].startswith("1.")
    changes = {change["address"]: change for change in document["resource_changes"]}
    assert changes["flow.dev.etl"]["type"] == "kestra_flow"
    assert changes["flow.dev.etl"]["change"]["actions"] == ["update"]
    assert "0 6 * * *" in changes["flow.dev.etl"]["change"]["before"]["content"]
    assert "0 5 * * *" in changes["flow.dev.etl"]["change"]["after"]["content"]
    assert changes["kv.dev:TOKEN"]["change"]["after_sensitive"] == {"value": True}
    assert changes["flow.dev.team.new-name"]["previous_address"] == "flow.dev.old-name"
    assert [drift["address"] for drift in document["resource_drift"]] == ["flow.dev.edited"]


@pytest.mark.parametrize(
    ("commit", "said"),
    [
        ("c0ffee" * 7, "from commit c0ffeec0ffee"),
        ("c0ffee" * 7 + "-dirty", "from commit c0ffeec0ffee and uncommitted changes"),
    ],
)
def test_drift_says_when_what_was_applied_is_in_no_commit(commit: str, said: str) -> None:
    key, text = flow("dev", "etl")
    made = plan({key: text}, {key: text + "# edited\n"}, {key: text})
    drifted = replace(made.drift[0], applied_at=NOW, applied_by="ann", applied_commit=commit)
    line = f"      last applied 2026-03-01 12:00:00 UTC by ann {said}"
    assert line in plan_text(replace(made, drift=(drifted,))).splitlines()
