"""Two values of one place are told apart, however long they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.model.plan import FieldChange
from flowctl.views.plans.fields import field_lines
from flowctl.views.values import shown_apart

LONG = "{{ outputs.pull.vars.rows }} orders%s into {{ vars.bucket }} of the warehouse"
CASES = [
    (
        (LONG % "", LONG % " now"),
        ("...}} orders into {{ vars.bucket }} o...", "...}} orders now into {{ vars.bucket ..."),
    ),
    (("short", "brief"), ('"short"', '"brief"')),
    (("a" * 60, "b" * 60), ('"' + "a" * 23 + "..." + "a" * 12 + '"', '"' + "b" * 23 + "..." + "b" * 12 + '"')),
    (
        ("x" * 50 + "1", "x" * 50 + "2"),
        ('"' + "x" * 23 + "..." + "x" * 11 + '1"', '"' + "x" * 23 + "..." + "x" * 11 + '2"'),
    ),
    (("a" * 50, "a" * 60), ("..." + "a" * 36 + '" (52 characters)', "..." + "a" * 36 + '" (62 characters)')),
]


@pytest.mark.parametrize(("values", "expected"), CASES)
def test_the_part_that_differs_is_what_is_shown_of_long_values(
    values: tuple[object, object], expected: tuple[str, str]
) -> None:
    assert shown_apart(*values, 40) == expected


def test_a_change_in_the_middle_of_a_message_is_seen_in_the_plan() -> None:
    [(_, line)] = field_lines([FieldChange("tasks[log].message", "change", LONG % "", LONG % " now")])
    before, _, after = line.partition(" -> ")
    assert "orders into" in before and "orders now" in after


@given(st.text("ab", max_size=80), st.text("ab", max_size=80), st.integers(10, 60))
def test_values_that_differ_look_different_and_keep_to_the_width(one: str, other: str, width: int) -> None:
    first, second = shown_apart(one, other, width)
    assert (first == second) == (one == other)
    assert all(len(text.partition(" (")[0]) <= width for text in (first, second))
