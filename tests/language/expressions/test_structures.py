"""Ion and YAML, written and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.flowtext.document import parse
from flowctl.language.expressions.formats.ion import read_ion, write_ion
from flowctl.language.expressions.formats.yamltext import write_yaml
from tests.language.expressions.render import failure, render

SCALARS = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@given(VALUES)
def test_written_ion_reads_back(value: object) -> None:
    assert read_ion(write_ion(value, 100_000)) == [value]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1 -2 0x1F 0b101 1_000", [1, -2, 31, 5, 1000]),
        ("1.5 1.5e2 2d1 nan", [1.5, 150.0, 20.0, pytest.approx(float("nan"), nan_ok=True)]),
        ("null null.int true false", [None, None, True, False]),
        ("'a b' sym \"x\\n\\u00e9\" '''long''' '''er'''", ["a b", "sym", "x\né", "longer"]),
        ("[1, 2,] (a b) {a: 1, 'b c': 2, \"d\": 3,}", [[1, 2], ["a", "b"], {"a": 1, "b c": 2, "d": 3}]),
        ("note::{a: x::1} // end\n/* more */", [{"a": 1}]),
        ("{{aGk=}} {{ \"ab\" }}", [b"hi", b"ab"]),
        ("2024-05-01T10:00:00Z 2024-05-01", ["2024-05-01T10:00:00Z", "2024-05-01"]),
    ],
)  # fmt: skip
def test_ion_reads(text: str, rows: list[object]) -> None:
    assert read_ion(text) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1", "Invalid ion: ',' or ']' is missing, line: 1, column: 3"),
        ("{a 1}", "Invalid ion: ':' is missing, line: 1, column: 4"),
        ("{a: 1", "Invalid ion: ',' or '}' is missing, line: 1, column: 6"),
        ("x::", "Invalid ion: a value is missing, line: 1, column: 4"),
        ("1\n12abc", "Invalid ion: unexpected '12abc', line: 2, column: 6"),
        ("{{***}}", "Invalid ion: a blob is not Base64, line: 1, column: 6"),
    ],
)
def test_broken_ion(text: str, message: str) -> None:
    assert failure("{{ fromIon(t) }}", {"t": text}).message == message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1}, "a: 1\n"),
        (["x", 1, None, True], " - x\n - 1\n - null\n - true\n"),
        ("x", "x\n"),
        (None, "null"),
        ({"l": [1, {"k": "v"}], "m": {"n": {}}, "e": []}, 'l:\n - 1\n -\n  k: v\nm:\n  "n": {}\ne: []\n'),
        ({"t": "one\ntwo\n", "u": "1", "q": "a: b", "yes": "no"}, 't: |\n  one\n  two\nu: 1\nq: "a: b"\n"yes": "no"\n'),
    ],
)
def test_yaml_writes(value: object, text: str) -> None:
    assert render("{{ v | yaml }}", {"v": value}) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [("\ufffe", '"\\ufffe"'), ("1\uffff", '"1\\uffff"'), ("a\x7f", '"a\\x7f"')],
    ids=["fffe", "ffff", "delete"],
)
def test_characters_that_no_yaml_may_have_are_escaped(text: str, written: str) -> None:
    assert write_yaml([text], 1000) == f" - {written}\n"
    assert parse(write_yaml({text: text}, 1000)).value == {text: text}


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8)


@given(st.recursive(TEXTS, lambda i: st.lists(i, max_size=3) | st.dictionaries(TEXTS, i, max_size=3)))
def test_written_yaml_keeps_its_shape(value: object) -> None:
    text = write_yaml(value, 100_000)
    assert shape(parse(text).value) == shape(value)


def shape(value: object) -> object:
    """Lists and maps alone: a text that looks like a number is written without quotes, as the language has it."""
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    return [shape(item) for item in value] if isinstance(value, list) else None


def test_a_byte_order_mark_is_quoted() -> None:
    assert write_yaml({"\ufeff": "x\ufeff"}, 100) == '"\ufeff": "x\ufeff"\n'
