"""The namespace is inserted by text: everything else keeps every byte."""

from __future__ import annotations

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from flowctl.flowtext.document import YamlProblem, parse
from flowctl.flowtext.splice import SpliceError, insert_namespace, namespace_splice

CASES = [
    ("id: x", "id: x\nnamespace: n.s"),
    ("id: x\n", "id: x\nnamespace: n.s\n"),
    ("# c\nid: x   # why\n\ntasks: []\n", "# c\nid: x   # why\nnamespace: n.s\n\ntasks: []\n"),
    ("\ufeffid: x\r\nb: 1\r\n", "\ufeffid: x\r\nnamespace: n.s\r\nb: 1\r\n"),
    ("id: x\rb: 1\r", "id: x\rnamespace: n.s\rb: 1\r"),
    ("tasks: []\nid: x\n", "tasks: []\nid: x\nnamespace: n.s\n"),
    ("  id: x\n  b: 1\n", "  id: x\n  namespace: n.s\n  b: 1\n"),
    ("---\nid: x\n...\n", "---\nid: x\nnamespace: n.s\n...\n"),
    ("{id: x, b: 1}", "{id: x, namespace: n.s, b: 1}"),
    ('{"id": "x", "b": 1}', '{"id": "x", "namespace": "n.s", "b": 1}'),
    ("{\n  id: x\n}\n", "{\n  id: x, namespace: n.s\n}\n"),
    ("id: |\n  x\nb: 1\n", "id: |\n  x\nnamespace: n.s\nb: 1\n"),
    ("id: >-\n  x", "id: >-\n  x\nnamespace: n.s"),
    ("id:\n  x\nb: 2", "id:\n  x\nnamespace: n.s\nb: 2"),
    ("id: 'a\n  b'\nc: 1", "id: 'a\n  b'\nnamespace: n.s\nc: 1"),
    ("a: &q x\nid: *q\n", "a: &q x\nnamespace: n.s\nid: *q\n"),
    ("id: x # a\x85b: 1\n", "id: x # a\nnamespace: n.s\x85b: 1\n"),
]


@pytest.mark.parametrize(("before", "after"), CASES)
def test_the_namespace_goes_right_behind_the_id(before: str, after: str) -> None:
    assert insert_namespace(before, "n.s") == after


@pytest.mark.parametrize("namespace", ["on", "010", "1_000", "1e3", "null", "yes", "0x1f", "1.5"])
def test_a_namespace_that_reads_as_something_else_is_quoted(namespace: str) -> None:
    text = insert_namespace("id: x\n", namespace)
    assert parse(text).value == {"id": "x", "namespace": namespace}


@pytest.mark.parametrize("text", ["a: 1\n", "[]", "x", "", "? id\n: x\n"])
def test_a_text_without_a_usable_id_is_refused(text: str) -> None:
    with pytest.raises(SpliceError):
        insert_namespace(text, "a")


comments = st.sampled_from(["", "  # why", " #", "\t# tab"])
ids = st.sampled_from(["x", "'x y'", '"x"', "x-1", "&a x", "!!str x", "ä"])
eols = st.sampled_from(["\n", "\r\n"])
others = st.lists(
    st.sampled_from(
        ["tasks: []", "# comment", "", "labels: {a: b}", "description: |", "  text", "inputs:", "  - id: a"]
    ),
    max_size=6,
)
namespaces = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,12}", fullmatch=True)


@given(st.booleans(), others, ids, comments, others, eols, st.booleans(), namespaces)
def test_inserting_adds_one_line_and_one_key_and_nothing_else(
    bom: bool, above: list[str], flow_id: str, comment: str, below: list[str], eol: str, end: bool, namespace: str
) -> None:
    lines = [*(line for line in above if line == "" or line[0] == "#"), f"id: {flow_id}{comment}", *below]
    text = ("\ufeff" if bom else "") + eol.join(lines) + (eol if end else "")
    try:
        before = parse(text)
    except YamlProblem:
        reject()
    spliced = insert_namespace(text, namespace)
    assert isinstance(before.value, dict)
    assert parse(spliced).value == {**before.value, "namespace": namespace}
    splice = namespace_splice(text, before, namespace)
    assert splice.start == splice.end
    assert splice.text.count("namespace: ") == 1
    assert spliced == text[: splice.start] + splice.text + text[splice.start :]
