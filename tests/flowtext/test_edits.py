"""Edits of one place keep every other byte, or are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.flowtext.document import parse, walk
from flowctl.flowtext.edits import remove_key, replace_scalar, set_key
from flowctl.flowtext.scalar_text import scalar_text
from flowctl.flowtext.splice import SpliceError

FLOW = """\
# top
id: a   # the id
tasks: # list
  - id: x
    message: |
      hello
      you

  # after
  - {id: "y", cron: '0 3 * * *'}
# tail
last: 'x'
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("id",), "b", "id: a   #", "id: b   #"),
        (("id",), "yes", "id: a   #", "id: 'yes'   #"),
        (("last",), "it's", "last: 'x'", "last: 'it''s'"),
        (("last",), 3, "last: 'x'", "last: 3"),
        (("tasks", 1, "cron"), "0 4 * * *", "'0 3 * * *'", "'0 4 * * *'"),
        (("tasks", 1, "id"), "z", 'id: "y"', 'id: "z"'),
        (("tasks", 0, "message"), "one: line", "|\n      hello\n      you\n\n", "'one: line'\n\n"),
        (("tasks", 0, "message"), "a\nb", "|\n      hello\n      you\n\n", '"a\\nb"\n\n'),
        (("tasks", 0, "id"), None, "- id: x", "- id: null"),
    ],
)
def test_a_scalar_is_replaced_in_place(path: tuple[str | int, ...], value: object, old: str, new: str) -> None:
    assert FLOW.count(old) == 1
    assert replace_scalar(FLOW, path, value) == FLOW.replace(old, new)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: [1]\n", ("a",)),
        ("a: 1\n", ("b",)),
        ("a: 1\n", ()),
        ("a: &x 1\nb: *x\n", ("b",)),
        ("a: &x {c: 1}\nb: *x\n", ("b", "c")),
        ("a: &x 1\nb: *x\n", ("a",)),
    ],
)
def test_what_is_no_scalar_of_its_own_is_refused(text: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(SpliceError):
        replace_scalar(text, path, 2)


def test_an_anchor_before_a_scalar_stays() -> None:
    assert replace_scalar("a: &x 1\nb: 2\n", ("a",), 5) == "a: &x 5\nb: 2\n"
    assert replace_scalar("a:\nb: 2\n", ("a",), "x") == "a: x\nb: 2\n"


@pytest.mark.parametrize(
    ("text", "key", "value", "after"),
    [
        ("id: x\n", "disabled", True, "id: x\ndisabled: true\n"),
        ("id: x", "disabled", True, "id: x\ndisabled: true"),
        ("id: x\r\n# end\r\n", "n", "a b", "id: x\r\nn: a b\r\n# end\r\n"),
        ("id: x\ndisabled: no # soon\n", "disabled", True, "id: x\ndisabled: true # soon\n"),
        ("{id: x}", "n", 1, "{id: x, n: 1}"),
        ('{"id": "x"}\n', "n", "y", '{"id": "x", "n": "y"}\n'),
        ("{}", "n", 1, "{n: 1}"),
        ("id: |\n  text\n", "n", 1, "id: |\n  text\nn: 1\n"),
        ("a:\n  - b: c\n\n# last\n", "n", 1, "a:\n  - b: c\nn: 1\n\n# last\n"),
    ],
)
def test_a_top_level_key_is_set(text: str, key: str, value: object, after: str) -> None:
    assert set_key(text, key, value) == after


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        (FLOW, "last", FLOW.replace("last: 'x'\n", "")),
        ("a: 1\nb: 2 # two\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\nb:\n  - x: |\n      t\n# keep\nc: 3\n", "b", "a: 1\n# keep\nc: 3\n"),
        ("a: 1\nb: 2", "b", "a: 1\n"),
        ("{a: 1, b: 2, c: 3}", "b", "{a: 1, c: 3}"),
        ("{a: 1, b: 2}", "b", "{a: 1}"),
        ("a: &x 1\nb: *x\nc: 2\n", "b", "a: &x 1\nc: 2\n"),
    ],
)
def test_a_top_level_key_is_removed(text: str, key: str, after: str) -> None:
    assert remove_key(text, key) == after


@pytest.mark.parametrize(("text", "key"), [("a: 1\n", "a"), ("a: 1\n", "b"), ("[]", "a"), ("a: &x 1\nb: *x\n", "a")])
def test_a_key_that_cannot_go_stays(text: str, key: str) -> None:
    with pytest.raises(SpliceError):
        remove_key(text, key)


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text())
def test_scalar_text_reads_back_as_the_same_value_wherever_it_stands(value: object) -> None:
    if isinstance(value, int) and abs(value) > 10**300:
        return
    for style in ("", "'", '"'):
        text = scalar_text(value, style)
        assert parse(f"key: {text}\n").value == {"key": value}
        assert parse(f"[{text}, 1]").value == [value, 1]


leaves = st.none() | st.booleans() | st.integers(-99, 99) | st.text(alphabet="ab :#'\"-{[*&!%@\n", max_size=6)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(["id", "tasks", "labels"]), trees, min_size=1), leaves, st.data())
def test_replacing_any_scalar_changes_only_that_value(
    value: dict[str, object], new: object, data: st.DataObject
) -> None:
    text = "# head\n" + json.dumps(value, indent=2) + "\n# tail\n"
    paths = [path for path, node in walk(parse(text).root) if path and isinstance(node.value, str)]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    after = replace_scalar(text, path, new)
    head = next(i for i in range(len(text) + 1) if i == len(text) or text[i : i + 1] != after[i : i + 1])
    assert text[:head] == after[:head]
    assert after.endswith("\n# tail\n")
    found: object = parse(after).value
    for step in path:
        found = found[step]  # type: ignore[index]  # a path of the same document
    assert found == new
