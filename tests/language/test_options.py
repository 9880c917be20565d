"""Options of a SELECT: plain values, and values with labels."""

from __future__ import annotations

import pytest

from flowctl.language.options import option_value, texts
from flowctl.planning.hazards.contracts import _among


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("a", "a"),
        (1, 1),
        ({"value": "a", "label": "A"}, "a"),
        ({"value": False}, False),
        ({"label": "A"}, {"label": "A"}),
    ],
)
def test_what_an_option_stands_for(option: object, value: object) -> None:
    assert option_value(option) == value


def test_texts_of_options() -> None:
    assert texts(["a", {"value": 2, "label": "two"}]) == ["a", "2"]
    assert texts("a") == []


def test_a_plan_holds_a_call_against_the_values_not_the_labels() -> None:
    offered = {"values": [{"value": "a", "label": "A"}]}
    assert _among("a", offered)
    assert not _among("A", offered)
