"""Lines of a text as Java has them."""

from __future__ import annotations

import pytest

from flowctl.language.textlines import lines_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\nb\n", ["a", "b"]),
        ("a\r\nb\rc", ["a", "b", "c"]),
        ("\n\n", ["", ""]),
        ("a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g", ["a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g"]),
    ],
    ids=["empty", "one", "ended", "mixed", "blank", "other-separators"],
)
def test_lines(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines
