"""Inputs as a real server resolved them: the refusals to the letter, the values by what expressions print."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.flowtext.document import parse
from flowctl.language.expressions.template import compile_template
from flowctl.language.inputs import InputError, resolve_inputs
from tests.language.recorded import load

RECORDED = load("inputs.json")
PARSER = re.compile(r"```\n.*?```", re.DOTALL)
"""The text of a JSON parser is its own."""


class Rendering:
    """Expressions with the variables that a server has when inputs are resolved."""

    def __init__(self, flow: Mapping[str, Any]) -> None:
        self.variables = {
            "flow": {"id": flow["id"], "namespace": flow["namespace"]},
            "vars": flow.get("variables", {}),
            "labels": {},
        }

    def render(self, text: str, inputs: Mapping[str, object]) -> str:
        return compile_template(text).render({**self.variables, "inputs": inputs})

    def evaluate(self, text: str, inputs: Mapping[str, object]) -> object:
        return compile_template(text).evaluate({**self.variables, "inputs": inputs})


def flow_of(name: str) -> Any:
    return parse(RECORDED[name]["source"]).value


def stored(name: str, value: object) -> str:
    return value if isinstance(value, str) and value.startswith("kestra://") else f"kestra:///inputs/{name}"


def given_of(name: str) -> dict[str, object]:
    """What was given; every FILE input got a file."""
    files = {held["id"]: b"hello" for held in flow_of(name)["inputs"] if held["type"] == "FILE"}
    return {**files, **RECORDED[name]["given"]}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_start(name: str) -> None:
    recorded, flow = RECORDED[name], flow_of(name)
    rendering = Rendering(flow)
    if recorded["start"] == 422:
        with pytest.raises(InputError) as caught:
            resolve_inputs(flow["inputs"], given_of(name), rendering, files=stored)
        if "message" in recorded:
            ours = f"Invalid entity: {caught.value}"
            assert PARSER.sub("", ours) == PARSER.sub("", recorded["message"])
        return
    inputs = resolve_inputs(flow["inputs"], given_of(name), rendering, files=stored)
    for task in flow["tasks"]:
        value = recorded["values"].get(task["id"])
        if value is not None:
            assert rendering.render(task["format"], inputs) == value


def test_enough_was_compared() -> None:
    refusals = sum("message" in recorded for recorded in RECORDED.values())
    values = sum(value is not None for recorded in RECORDED.values() for value in recorded["values"].values())
    assert refusals >= 20 and values >= 35


PLAIN = {"id": "f", "namespace": "n"}
ids = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@given(name=ids, number=st.integers(-(2**31), 2**31 - 1), low=st.integers(-100, 100), high=st.integers(-100, 100))
def test_bounds_are_inclusive_whatever_the_id(name: str, number: int, low: int, high: int) -> None:
    declared = [{"id": name, "type": "INT", "min": low, "max": high}]
    if low <= number <= high:
        assert resolve_inputs(declared, {name: str(number)}, Rendering(PLAIN)) == {name: number}
    else:
        word = f"more than `{low}`" if number < low else f"less than `{high}`"
        with pytest.raises(InputError, match=re.escape(f"Invalid value for input `{name}`. Cause: it must be {word}")):
            resolve_inputs(declared, {name: str(number)}, Rendering(PLAIN))


@given(chain=st.permutations(["a", "b", "c", "d"]))
def test_dependencies_come_first_in_any_order_of_the_text(chain: list[str]) -> None:
    declared = []
    for name in chain:
        before = chr(ord(name) - 1)
        held: dict[str, object] = {"id": name, "type": "STRING", "defaults": "x"}
        if name != "a":
            held |= {"defaults": f"{{{{ inputs.{before} }}}}{name}", "dependsOn": {"inputs": [before]}}
        declared.append(held)
    assert resolve_inputs(declared, {}, Rendering(PLAIN)) == {"a": "x", "b": "xb", "c": "xbc", "d": "xbcd"}


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.binary(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)
KINDS = (
    "STRING SELECT INT FLOAT BOOL DATETIME DATE TIME DURATION FILE JSON YAML URI EMAIL SECRET ARRAY MULTISELECT FORM X"
)


@given(kind=st.sampled_from(KINDS.split(" ")), value=values, default=values, options=values, dialect=st.booleans())
def test_any_value_gives_an_input_or_an_input_error(
    kind: str, value: object, default: object, options: object, dialect: bool
) -> None:
    held = {"id": "a", "type": kind, "defaults": default, "values": options, "min": options, "after": options}
    held |= {"itemType": "INT", "jsonSchema": options, "validator": "[a-z]*", "expression": None, "inputs": options}
    try:
        resolve_inputs([held], {"a": value}, Rendering(PLAIN), dialect="1.3" if dialect else "2.0")
    except InputError as error:
        assert str(error)
