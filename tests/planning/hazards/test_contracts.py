"""H5, H6 and H7, and the grades of a changed interface."""

from __future__ import annotations

import pytest

from flowctl.planning.impact.contract import contract_changes
from tests.planning.hazards.worlds import change, key, made, one, refused, said, schedule, subflow, text

INPUT = "inputs:\n  - id: day\n    type: {type}\n{more}"
OUTPUT = "outputs:\n  - id: rows\n    type: INT\n    value: 3\n"
OPTIONAL = "    defaults: 1\n"
GIVES = "    inputs:\n      day: 3\n"


def parent(more: str = "") -> str:
    return text("parent", tasks=subflow("child", more=more))


def test_h5_blocks_when_an_unchanged_caller_lacks_a_new_input() -> None:
    before = {key("child"): text("child"), key("parent"): parent()}
    plan = made({**before, key("child"): text("child", INPUT.format(type="INT", more=""))}, before)
    found = one(plan, "H5")
    assert found.severity == "error" and found.detail == "dev/parent at tasks[call]: lacks day"
    assert [(one.grade, one.text) for one in change(plan, "child").impact.contract] == [
        ("breaking", "required input day is new")
    ]


def test_h5_is_content_when_the_caller_changes_too_or_the_input_has_a_default() -> None:
    before = {key("child"): text("child"), key("parent"): parent()}
    child = {key("child"): text("child", INPUT.format(type="INT", more=""))}
    assert said(made({**before, **child, key("parent"): parent(GIVES)}, before), "H5") == []
    optional = {key("child"): text("child", INPUT.format(type="INT", more=OPTIONAL))}
    assert said(made({**before, **optional}, before), "H5") == []


def test_h5_blocks_a_removed_input_and_a_changed_type() -> None:
    taken = {key("child"): text("child", INPUT.format(type="INT", more="")), key("parent"): parent(GIVES)}
    assert "passes unknown day" in one(made({**taken, key("child"): text("child")}, taken), "H5").detail
    words = {
        key("child"): text("child", INPUT.format(type="STRING", more="")),
        key("parent"): parent("    inputs:\n      day: monday\n"),
    }
    plan = made({**words, key("child"): text("child", INPUT.format(type="INT", more=""))}, words)
    assert "passes day as monday" in one(plan, "H5").detail


def test_h5_does_not_speak_of_what_was_wrong_before() -> None:
    before = {key("child"): text("child", INPUT.format(type="INT", more="")), key("parent"): parent()}
    after = {**before, key("child"): text("child", INPUT.format(type="INT", more="    description: x\n"))}
    assert said(made(after, before), "H5") == []


def test_h5_of_a_caller_whose_text_is_not_known_is_not_checkable() -> None:
    before = {key("child"): text("child")}
    after = {key("child"): text("child", INPUT.format(type="INT", more=""))}
    plan = made(after, before, calls=((key("x", "other"), "subflow", key("child")),))
    found = one(plan, "H5")
    assert found.severity == "info" and "not checkable" in found.summary and found.detail == "other/x"


def test_h6_warns_when_a_caller_reads_an_output_that_goes() -> None:
    reads = "  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: '{{ outputs.call.outputs.rows }}'\n"
    before = {
        key("child"): text("child", OUTPUT),
        key("parent"): text("parent", tasks=subflow("child") + reads),
    }
    found = one(made({**before, key("child"): text("child")}, before), "H6")
    assert found.severity == "warning" and found.detail == "dev/parent at tasks[call] reads rows"
    before[key("parent")] = text("parent", tasks=subflow("child"))
    assert said(made({**before, key("child"): text("child")}, before), "H6") == []


def test_h7_blocks_a_trigger_without_values_for_inputs() -> None:
    needs = INPUT.format(type="INT", more="")
    plan = made({key("a"): text("a", needs + schedule("0 5 * * *"))})
    assert "H7" in refused(plan) and one(plan, "H7").place == "triggers[daily]"
    given = text("a", needs + schedule("0 5 * * *", more=GIVES))
    assert said(made({key("a"): given}), "H7") == []


def test_h7_says_what_was_so_before_only_when_a_change_makes_it_matter() -> None:
    needs = INPUT.format(type="INT", more="")
    before = {key("a"): text("a", needs + schedule("0 5 * * *"))}
    described = text("a", "description: x\n" + needs + schedule("0 5 * * *"))
    assert said(made({key("a"): described}, before), "H7") == []
    moved = text("a", needs + schedule("0 6 * * *"))
    assert one(made({key("a"): moved}, before), "H7").place == "triggers[daily]"
    without = {key("a"): text("a", schedule("0 5 * * *"))}
    assert one(made(before, without), "H7").place == "triggers[daily]"
    off = {key("a"): text("a", "disabled: true\n" + needs + schedule("0 5 * * *"))}
    assert one(made(before, off), "H7").place == "triggers[daily]"


@pytest.mark.parametrize(
    ("old", "new", "grades"),
    [
        ({"inputs": []}, {"inputs": [{"id": "a", "type": "INT", "defaults": 1}]}, ["compatible"]),
        ({"inputs": [{"id": "a", "type": "INT"}]}, {"inputs": []}, ["breaking"]),
        (
            {"inputs": [{"id": "a", "type": "INT"}]},
            {"inputs": [{"id": "a", "type": "INT", "description": "x"}]},
            ["cosmetic"],
        ),
        (
            {"inputs": [{"id": "a", "type": "SELECT", "values": ["x", "y"]}]},
            {"inputs": [{"id": "a", "type": "SELECT", "values": ["x"]}]},
            ["breaking"],
        ),
        ({"outputs": [{"id": "r", "type": "INT"}]}, {"outputs": [{"id": "r", "type": "STRING"}]}, ["breaking"]),
        ({"outputs": []}, {"outputs": [{"id": "r", "type": "INT"}]}, ["compatible"]),
        ({"inputs": [{"id": "a", "type": "INT"}]}, {"inputs": [{"id": "a", "type": "INT"}]}, []),
    ],
)
def test_an_interface_changes_breaking_compatibly_or_cosmetically(
    old: dict[str, object], new: dict[str, object], grades: list[str]
) -> None:
    assert [one.grade for one in contract_changes(old, new)] == grades


def test_h5_knows_what_a_select_offers() -> None:
    offers = "    values: [mon, tue]\n"
    gives = parent("    inputs:\n      day: mon\n")
    before = {key("child"): text("child", INPUT.format(type="SELECT", more=offers)), key("parent"): gives}
    fewer = text("child", INPUT.format(type="SELECT", more="    values: [tue]\n"))
    assert "passes day as mon" in one(made({**before, key("child"): fewer}, before), "H5").detail
    free = text("child", INPUT.format(type="SELECT", more="    values: [tue]\n    allowCustomValue: true\n"))
    assert said(made({**before, key("child"): free}, before), "H5") == []


def test_h5_does_not_speak_of_calls_that_never_happen() -> None:
    before = {key("child"): text("child"), key("parent"): parent("    disabled: true\n")}
    plan = made({**before, key("child"): text("child", INPUT.format(type="INT", more=""))}, before)
    assert said(plan, "H5") == []
