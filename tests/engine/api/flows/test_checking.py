"""What is remembered of checked texts, and how much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.api.flows import checking
from flowctl.engine.api.flows.checking import FlowChecker
from flowctl.engine.api.flows.shapes import label_items, read_json, scalar_text
from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.tables.flow_rows import FlowRow
from flowctl.flowtext.digests import text_digest
from tests.engine.api.server import flow


def test_a_text_is_checked_once() -> None:
    checker = FlowChecker("2.0")
    assert checker.check(flow()) is checker.check(flow())
    assert checker.check(flow()) is not checker.check(flow() + "\n")


def test_what_is_remembered_is_bounded_by_the_length_of_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "REMEMBERED_IN_ALL", 3 * len(flow("f0")))
    checker = FlowChecker("2.0")
    first = [checker.check(flow(f"f{number}")) for number in range(4)]
    again = [checker.check(flow(f"f{number}")) for number in reversed(range(4))]
    assert [one is other for one, other in zip(first, reversed(again), strict=True)] == [False, True, True, True]


def test_the_json_of_a_flow_leaves_nulls_out_and_lists_its_labels() -> None:
    text = flow(extra="description: null\nlabels:\n  a: true\n  b: 1.5\n  c: x\nvariables: {k: null, l: [null, 1]}\n")
    checked = FlowChecker("2.0").check(text)
    assert checked.flow is not None
    body = load(checked.flow.body)
    assert isinstance(body, dict)
    assert "description" not in body
    assert body["labels"] == [{"key": "a", "value": "true"}, {"key": "b", "value": "1.5"}, {"key": "c", "value": "x"}]
    assert body["variables"] == {"l": [None, 1]}
    assert load(checked.flow.labels) == {"a": "true", "b": "1.5", "c": "x"}


def test_labels_in_both_forms() -> None:
    pairs = [{"key": "a", "value": "1"}]
    assert label_items({"a": 1}) == label_items([{"key": "a", "value": 1}]) == pairs
    assert label_items("x") == label_items([1, {"key": None, "value": 1}]) == []
    assert scalar_text(False) == "false"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_any_json_goes_in_and_comes_out(value: object) -> None:
    assert load(dump(value)) == value


@given(st.text(), st.booleans(), st.booleans())
def test_an_answer_is_json_whatever_the_source(source: str, disabled: bool, deleted: bool) -> None:
    row = FlowRow("n", "f", 3, "d", disabled, deleted, 1_700_000_000_123, b'{"id":"f","triggers":[]}', source)
    body = load(read_json(row, source=True))
    assert isinstance(body, dict)
    assert (body["source"], body["disabled"], body["deleted"], "updated" in body) == (
        source,
        disabled,
        deleted,
        not deleted,
    )


@given(st.text(max_size=200))
def test_any_text_is_checked_without_an_exception(text: str) -> None:
    for dialect, source in (("lenient", text), ("2.0", "id: a\nnamespace: b\ntasks:\n  - " + text)):
        checked = FlowChecker(dialect).check(source)  # type: ignore[arg-type]  # a tuple's texts are no literals
        assert checked.digest == text_digest(source)
        assert (checked.flow is None) == bool(checked.errors())


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**400], ids=["63", "64", "below", "400 digits"])
def test_no_whole_number_becomes_another(number: int) -> None:
    assert load(dump({"n": [number]})) == {"n": [number]}
    assert scalar_text(number) == str(number)
