"""Order, conditions, defaults and presence of inputs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from flowctl.language.expressions.template import compile_template
from flowctl.language.inputs import InputError, resolve_each, resolve_inputs
from flowctl.language.inputs.names import nested
from flowctl.model.environment import Dialect


class Plain:
    """Expressions that see inputs only."""

    def render(self, text: str, inputs: Mapping[str, object]) -> str:
        return compile_template(text).render({"inputs": inputs})

    def evaluate(self, text: str, inputs: Mapping[str, object]) -> object:
        return compile_template(text).evaluate({"inputs": inputs})


def string(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "type": "STRING", **more}


def test_a_disabled_input_keeps_its_default_since_2_and_is_left_out_before() -> None:
    condition = {"inputs": ["mode"], "condition": "{{ inputs.mode == 'full' }}"}
    declared = [string("mode"), string("extra", defaults="d", dependsOn=condition)]
    given = {"mode": "short", "extra": "given"}
    assert resolve_inputs(declared, given, Plain(), dialect="2.0") == {"mode": "short", "extra": "d"}
    assert resolve_inputs(declared, given, Plain(), dialect="1.3") == {"mode": "short"}


def test_an_enabled_input_takes_what_is_given() -> None:
    condition = {"inputs": ["mode"], "condition": "{{ inputs.mode == 'full' }}"}
    declared = [string("mode"), string("extra", defaults="d", dependsOn=condition)]
    assert resolve_inputs(declared, {"mode": "full", "extra": "e"}, Plain()) == {"mode": "full", "extra": "e"}


def test_unknown_inputs_are_ignored_and_optional_ones_are_null() -> None:
    assert resolve_inputs([string("a", required=False)], {"b": "x"}, Plain()) == {"a": None}


@pytest.mark.parametrize("dialect", ["1.3", "2.0"])
def test_a_default_of_a_boolean_is_a_word_or_a_number(dialect: Dialect) -> None:
    def default(value: object) -> object:
        return resolve_inputs([{"id": "b", "type": "BOOL", "defaults": value}], {}, Plain(), dialect=dialect)["b"]

    assert [default(value) for value in ("1", 1, "0", "True", " false ", True)] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]
    for word in ("yes", "no", "on", "maybe"):
        with pytest.raises(InputError, match=f"Unrecognized token '{word}'"):
            default(word)


def test_nested_ids_are_given_flat_or_nested() -> None:
    declared = [string("db.host"), {"id": "db.port", "type": "INT"}]
    expected = {"db": {"host": "h", "port": 1}}
    assert resolve_inputs(declared, {"db.host": "h", "db.port": "1"}, Plain()) == expected
    assert resolve_inputs(declared, {"db": {"host": "h", "port": 1}}, Plain()) == expected


def test_a_missing_child_of_a_form_is_named_by_its_path() -> None:
    declared = [{"id": "box", "type": "FORM", "inputs": [string("name")]}]
    with pytest.raises(InputError) as caught:
        resolve_inputs(declared, {}, Plain())
    assert str(caught.value) == "Missing required input:box.name"


def test_every_error_is_there_when_each_is_asked_for() -> None:
    declared = [{"id": "a", "type": "INT"}, {"id": "b", "type": "FLOAT"}, string("c"), string("d", defaults="x")]
    found = resolve_each(declared, {"a": "x", "b": "y"}, Plain())
    assert [str(one.error) if one.error else one.value for one in found] == [
        'Invalid value for input `a`. Cause: For input string: "x"',
        'Invalid value for input `b`. Cause: For input string: "y"',
        "Missing required input:c",
        "x",
    ]
    assert [one.is_default for one in found] == [False, False, False, True]


def test_a_cycle_of_dependencies_ends() -> None:
    declared = [
        string("a", defaults="a", dependsOn={"inputs": ["b"]}),
        string("b", defaults="b", dependsOn={"inputs": ["a"]}),
    ]
    assert resolve_inputs(declared, {}, Plain()) == {"b": "b", "a": "a"}


def test_files_are_stored_by_the_caller() -> None:
    stored: list[tuple[str, object]] = []

    def store(name: str, value: object) -> str:
        stored.append((name, value))
        return "kestra:///file"

    assert resolve_inputs([{"id": "f", "type": "FILE"}], {"f": b"x"}, Plain(), files=store) == {"f": "kestra:///file"}
    assert stored == [("f", b"x")]


def test_a_choice_that_cannot_be_rendered() -> None:
    declared = [{"id": "a", "type": "SELECT", "expression": "{{ inputs.ghost.x }}"}]
    with pytest.raises(InputError, match=r"Cannot render 'expression'\. Cause:"):
        resolve_inputs(declared, {"a": "x"}, Plain())


def test_a_choice_of_values_with_labels() -> None:
    """As seen on a real 2.0: the value is what is given and what expressions see."""
    offered = [{"value": "a", "label": "A"}, "b", {"value": 2}]
    declared = [
        {"id": "one", "type": "SELECT", "values": offered, "defaults": "a"},
        {"id": "more", "type": "MULTISELECT", "values": offered, "defaults": ["a", "2"]},
        {"id": "said", "type": "SELECT", "expression": "{{ [{'value': 'x', 'label': 'X'}] }}", "defaults": "x"},
    ]
    assert resolve_inputs(declared, {}, Plain()) == {"one": "a", "more": ["a", "2"], "said": "x"}
    with pytest.raises(InputError, match=r"it must match the values `\[a, b, 2\]`"):
        resolve_inputs(declared, {"one": "A"}, Plain())


def test_values_in_both_spellings_are_refused() -> None:
    declared = [{"id": "a", "type": "MULTISELECT", "values": ["A"], "options": ["A"], "defaults": ["A"]}]
    with pytest.raises(InputError, match="you can't define both `values` and `options`"):
        resolve_inputs(declared, {}, Plain(), dialect="1.3")


def test_a_slow_pattern_ends_with_an_error() -> None:
    declared = [string("a", validator="(a|aa)+b")]
    with pytest.raises(InputError):
        resolve_inputs(declared, {"a": "a" * 60}, Plain())


def test_nesting_lets_the_later_value_win() -> None:
    assert nested({"a": 1, "a.b": 2}) == {"a": {"b": 2}}


def test_a_long_chain_of_dependencies() -> None:
    last = 3_000
    declared = [
        string(f"i{index}", defaults="x", dependsOn={"inputs": [f"i{index + 1}"]} if index < last else None)
        for index in range(last + 1)
    ]
    assert len(resolve_inputs(declared, {}, Plain())) == last + 1


@pytest.mark.parametrize(
    ("default", "kept"),
    [
        ("{{ inputs.mode }}", None),
        ("pre-{{ inputs.mode }}", None),
        ("{{ inputs.mode ?? 'none' }}", "none"),
        ("{{ 1 + 1 }}", "2"),
    ],
)
def test_the_default_of_a_disabled_input_sees_no_inputs_and_is_left_out_when_it_needs_one(
    default: str, kept: str
) -> None:
    off = string("extra", defaults=default, dependsOn={"inputs": ["mode"], "condition": "{{ false }}"})
    expected = {"mode": "short", **({} if kept is None else {"extra": kept})}
    assert resolve_inputs([string("mode"), off], {"mode": "short"}, Plain()) == expected


@pytest.mark.parametrize(("needs", "kept"), [(["mode", "db.port"], {"extra": "short"}), (["mode"], {})])
def test_a_condition_sees_the_inputs_that_it_names_as_its_dependencies(
    needs: list[str], kept: dict[str, object]
) -> None:
    depends = {"inputs": needs, "condition": "{{ inputs.db.port == 1 }}"}
    declared = [
        string("mode"),
        {"id": "db.port", "type": "INT"},
        string("extra", defaults="{{ inputs.mode }}", dependsOn=depends),
    ]
    given = {"mode": "short", "db.port": 1}
    assert resolve_inputs(declared, given, Plain()) == {"mode": "short", "db": {"port": 1}, **kept}
