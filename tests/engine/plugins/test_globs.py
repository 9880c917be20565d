from __future__ import annotations

import pytest

from flowctl.engine.plugins.scripts.globs import matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.txt", "a.txt", True),
        ("*.txt", "sub/a.txt", False),
        ("**/*.txt", "sub/deep/a.txt", True),
        ("**/*.txt", "a.txt", True),
        ("sub/**", "sub/x/y", True),
        ("sub/**", "other/x", False),
        ("/a.txt", "/a.txt", True),
        ("a.{txt,csv}", "a.csv", True),
        ("a?.txt", "ab.txt", True),
        ("a?.txt", "a/.txt", False),
        ("a.txt", "aXtxt", False),
        ("glob:*.md", "x.md", True),
        ("regex:a.+", "abc", True),
        ("data/.*", "data/x/y", True),
        ("[x]", "[x]", True),
    ],
)
def test_globs(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected
