"""What is said of a label's key that is none."""

from __future__ import annotations

import json

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.validation.check import check_flow
from flowctl.language.validation.patterns import LABEL_KEY

FLOW = "id: f\nnamespace: dev\nlabels: {%s: x}\ntasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log, message: m}\n"
CASES = [
    ("Team", "team"),
    ("a b", "a-b"),
    ("Cost Center/EU", "cost-center-eu"),
    ("1st", "x1st"),
    ("-x", "x"),
    ("Größe", "grosse"),
    ("  ", "label"),
    ("!", "label"),
]


@pytest.mark.parametrize(("key", "instead"), CASES)
def test_the_key_that_is_proposed_is_one(key: str, instead: str) -> None:
    [found] = check_flow(parse(FLOW % json.dumps(key, ensure_ascii=False)).value, dialect="2.0", strict_types=True)
    assert (found.code, found.hint) == ("F307", f"write `{instead}`")
    assert LABEL_KEY.fullmatch(instead)
