"""Findings as a server prints them."""

from __future__ import annotations

from flowctl.language.findings import Finding
from flowctl.language.validation import constraint_text, error_items


def element(shown: str, message: str) -> Finding:
    return Finding(("tasks", 0, "tasks"), message, "error", "F335", shown=shown)


WHOLE = Finding(("tasks", 1, "id"), "Duplicate task id with name [a]", "error", "F320", family="flow")
OTHER = Finding(("inputs", 0), "Duplicate input with name [i]", "error", "F322", family="flow")
UNREAD = Finding(("tasks", 0, "x"), "Invalid type: t at tasks[a].type", "error", "F313", family="parse")


def test_nothing_wrong_is_no_text() -> None:
    assert constraint_text([]) is None
    assert constraint_text([Finding((), "m", "warning", "F343")]) is None


def test_rules_of_the_whole_flow_are_one_line_before_the_elements() -> None:
    text = constraint_text([element("each.tasks", "must not be empty"), WHOLE, OTHER])
    assert text == (
        "Validation error:  Invalid Flow: Duplicate task id with name [a], Duplicate input with name [i]\n"
        "each.tasks: must not be empty\n"
    )


def test_a_text_that_cannot_be_read_says_only_that() -> None:
    assert constraint_text([WHOLE, UNREAD]) == "Validation error: Invalid type: t at tasks[a].type"


def test_errors_of_a_save() -> None:
    found = [element("each.tasks", "must not be empty"), element("tasks[0].retry.x", "m"), WHOLE, OTHER]
    assert error_items(found) == [
        {
            "path": "",
            "message": "Invalid Flow: Duplicate task id with name [a], Duplicate input with name [i]",
        },
        {"path": "tasks[0].tasks", "message": "must not be empty"},
        {"path": "tasks[0].retry.x", "message": "m"},
    ]
