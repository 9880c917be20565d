"""What differs between two documents, in words of places."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.model.plan import FieldChange
from flowctl.planning.differences.explain import explain, same

FLOW: dict[str, Any] = {
    "id": "etl",
    "tasks": [
        {"id": "load", "type": "Shell", "commands": ["a", "b", "c"]},
        {"id": "par", "type": "Parallel", "tasks": [{"id": "x", "type": "Log"}, {"id": "y", "type": "Log"}]},
    ],
    "triggers": [{"id": "daily", "type": "Schedule", "cron": "0 6 * * *"}],
    "labels": {"team": "data"},
}


def changed() -> dict[str, Any]:
    return copy.deepcopy(FLOW)


def listed(after: object) -> list[tuple[str, str]]:
    return [(change.op, change.place) for change in explain(FLOW, after)]


def test_equal_documents_have_no_difference() -> None:
    assert explain(FLOW, changed()) == ()


def test_a_scalar_is_named_by_the_ids_on_its_way() -> None:
    after = changed()
    after["triggers"][0]["cron"] = "0 5 * * *"
    after["tasks"][0]["commands"][2] = "C"
    assert explain(FLOW, after) == (
        FieldChange("tasks[load].commands[2]", "change", "c", "C"),
        FieldChange("triggers[daily].cron", "change", "0 6 * * *", "0 5 * * *"),
    )


def test_a_task_put_in_between_is_one_addition() -> None:
    after = changed()
    after["tasks"].insert(1, {"id": "check", "type": "Log"})
    assert explain(FLOW, after) == (FieldChange("tasks[check]", "add", None, {"id": "check", "type": "Log"}),)


def test_swapped_tasks_are_a_new_order_at_any_depth() -> None:
    after = changed()
    after["tasks"].reverse()
    after["tasks"][0]["tasks"].reverse()
    assert explain(FLOW, after) == (
        FieldChange("tasks", "reorder", ["load", "par"], ["par", "load"]),
        FieldChange("tasks[par].tasks", "reorder", ["x", "y"], ["y", "x"]),
    )


def test_moving_and_editing_a_task_are_told_apart() -> None:
    after = changed()
    after["tasks"].reverse()
    after["tasks"][1]["commands"] = ["a", "b"]
    assert listed(after) == [("reorder", "tasks"), ("remove", "tasks[load].commands[2]")]


def test_the_last_trigger_that_goes_is_named() -> None:
    after = changed()
    del after["triggers"]
    assert listed(after) == [("remove", "triggers[daily]")]


def test_another_id_is_another_task() -> None:
    after = changed()
    after["tasks"][0]["id"] = "store"
    assert listed(after) == [("remove", "tasks[load]"), ("add", "tasks[store]")]


def test_lists_with_an_id_twice_or_missing_stay_lists() -> None:
    before = {"tasks": [{"id": "a", "n": 1}, {"id": "a", "n": 2}]}
    after = {"tasks": [{"id": "a", "n": 1}, {"id": "a", "n": 3}]}
    assert [change.place for change in explain(before, after)] == ["tasks[1].n"]


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, 1.0), (0, False), ("1", 1), (None, ""), ([], {}), ({}, None)]
)
def test_kinds_of_scalars_count(one: object, other: object) -> None:
    assert not same({"v": one}, {"v": other})
    assert [change.place for change in explain({"v": one}, {"v": other})] == ["v"]


@pytest.mark.parametrize("value", [{}, [], {"a": {}}, [{"id": "x"}, {"id": "y"}]])
def test_a_value_that_is_new_is_shown_as_it_is(value: object) -> None:
    assert explain({"v": 1}, {"v": value}) == (FieldChange("v", "change", 1, value),)


WEBHOOK = "io.kestra.plugin.core.trigger.Webhook"


def test_a_changed_secret_is_seen_and_not_shown() -> None:
    before = {"triggers": [{"id": "h", "type": WEBHOOK, "key": "first"}]}
    after = {"triggers": [{"id": "h", "type": WEBHOOK, "key": "second"}]}
    assert explain(before, after) == (FieldChange("triggers[h].key", "change", "******", "******"),)


def test_secrets_inside_what_is_added_or_removed_are_masked() -> None:
    after = {"triggers": [{"id": "h", "type": WEBHOOK, "key": "s3cret"}], "variables": {"db_password": "pw"}}
    shown = repr(explain({}, after)) + repr(explain(after, {}))
    assert "s3cret" not in shown
    assert "pw" not in shown


SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "b", "1", ""])
NAMES = st.sampled_from(["a", "b", "c"])
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=3)
        | st.lists(st.builds(lambda name, value: {"id": name, "v": value}, NAMES, inner), max_size=3)
    ),
    max_leaves=12,
)


@given(DOCUMENTS, DOCUMENTS)
def test_an_explanation_is_empty_only_for_equal_documents(one: object, other: object) -> None:
    assert (explain(one, other) == ()) is same(one, other)


@given(DOCUMENTS, DOCUMENTS)
def test_the_documents_are_left_as_they_were(one: object, other: object) -> None:
    copies = copy.deepcopy((one, other))
    explain(one, other)
    assert same(copies[0], one)
    assert same(copies[1], other)
