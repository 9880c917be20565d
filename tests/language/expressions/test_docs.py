"""The examples of docs/expressions.md print what the page says, and the page names everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowctl.language.expressions.catalogue import FILTERS, FUNCTIONS, TESTS
from flowctl.language.expressions.parsing.lexer import OPERATORS
from flowctl.language.expressions.template import compile_template
from tests.language.expressions.samples import CONTEXT, environment

PAGE = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text("utf-8")
ROW = re.compile(r"^\| (?P<name>.+?) \| `(?P<example>.*?[}].*?)` \| `(?P<result>.*?)` \| .*\|$", re.MULTILINE)
ROWS = [
    (m["name"], m["example"].replace(r"\|", "|"), m["result"].replace(r"\|", "|").replace("⏎", "\n"))
    for m in ROW.finditer(PAGE)
]


@pytest.mark.parametrize(("name", "example", "result"), ROWS, ids=[row[1] for row in ROWS])
def test_example(name: str, example: str, result: str) -> None:
    assert compile_template(example).render(CONTEXT, environment()) == result


def test_page_names_every_filter_function_test_and_operator() -> None:
    named = {re.split(r"[`(]", row[0].strip("`"))[0].replace("\\", "") for row in ROWS}
    named |= set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert set(FILTERS) | set(FUNCTIONS) | set(TESTS) | set(OPERATORS) <= named | {"parent"}
