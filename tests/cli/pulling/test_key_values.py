"""Entries of a `_kv.yaml` edited in place."""

from __future__ import annotations

import pytest

from flowctl.cli.pulling.key_values import edited
from flowctl.flowtext.document import parse


@pytest.mark.parametrize(
    "value",
    ["line one\nline two: x", "\u2028 \u2029 \x85 \x7f", "\ufeffbom", "日本 🚀", "yes", "", "# no comment", "x" * 5000],
    ids=["lines", "separators", "bom", "wide", "word", "empty", "hash", "long"],
)
def test_a_new_entry_means_exactly_the_servers_value(value: str) -> None:
    text = edited("A: 1 # first\n", "B", None, ("STRING", value))
    assert text is not None
    assert text.startswith("A: 1 # first\n")
    assert parse(text).value == {"A": 1, "B": {"type": "STRING", "value": value}}


def test_a_value_that_is_none_has_no_entry() -> None:
    assert edited("A: 1\n", "B", None, ("STRING", None)) is None
