from __future__ import annotations

import pytest

from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.java.regex import compiled, fullmatch, replace, search, split, translate


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"\p{Lower}+", "abc", True),
        (r"\p{Lower}+", "é", False),
        (r"\P{Alpha}", "1", True),
        (r"\p{L}+", "éa", True),
        (r"\p{IsAlphabetic}+", "é", True),
        (r"\p{javaLowerCase}", "é", True),
        (r"[\p{Digit}_]+", "1_2", True),
        (r"a++b", "aab", True),
        (r"[a-z&&[^b]]+", "acd", True),
        (r"[a-z&&[^b]]+", "abc", False),
        (r"\Qa.b\E", "a.b", True),
        (r"\Qa.b\E", "axb", False),
        (r"(?<x>a)\k<x>", "aa", True),
        (r"\d+", "٣", False),
        (r"\w", "é", False),
        (r"(?i)AB", "ab", True),
        (r"a\Z", "a\n", False),
        (r"\h", "\t", True),
        (r"[a--]", "-", True),
        (r"[]a]", "]", True),
        (r"a]", "a]", True),
        (r"x{2,3}", "xxx", True),
        (r"[|~]+", "||~~", True),
    ],
)
def test_java_pattern(pattern: str, text: str, matches: bool) -> None:
    assert fullmatch(pattern, text) is matches


def test_patterns_are_translated() -> None:
    assert translate(r"\z[a||b]") == r"\Z[a\|\|b]"


@pytest.mark.parametrize(
    ("replacement", "printed"),
    [("<$1>", "<a>-<b>"), ("${n}$1", "aa-bb"), (r"\$1", "$1-$1"), ("$12", "a2-b2"), (r"\\", "\\-\\")],
)
def test_replacement(replacement: str, printed: str) -> None:
    assert replace(r"(?<n>\w)", replacement, "a-b", 100) == printed


@pytest.mark.parametrize("replacement", ["$2", "${x}", "$", "\\"])
def test_replacement_that_names_no_group(replacement: str) -> None:
    with pytest.raises(ExpressionError):
        replace("(a)", replacement, "a", 100)


@pytest.mark.parametrize(
    ("pattern", "text", "limit", "parts"),
    [
        (",", "a,b,,", 0, ["a", "b"]),
        (",", "a,b,,", -1, ["a", "b", "", ""]),
        (",", "a,b,c", 2, ["a", "b,c"]),
        ("", "abc", 0, ["a", "b", "c"]),
        (",", "", 0, [""]),
        (",", ",", 0, []),
        (",", "abc", 0, ["abc"]),
        (",", ",a", 0, ["", "a"]),
    ],
)
def test_split(pattern: str, text: str, limit: int, parts: list[str]) -> None:
    assert split(pattern, text, limit) == parts


def test_a_slow_pattern_ends_at_its_time_limit() -> None:
    with pytest.raises(LimitError, match="takes too long"):
        search("(a|aa)+$", "a" * 60 + "b", 0.05)


@pytest.mark.parametrize("pattern", ["((a{999}){999}){999}", "a{1000000}", "(?:a{200}){200}"])
def test_a_pattern_that_would_fill_the_memory_is_refused(pattern: str) -> None:
    with pytest.raises(LimitError, match="grow past"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*", r"\p{Nope}", "(?<a>x)(?<a>y"])
def test_a_broken_pattern_is_an_error(pattern: str) -> None:
    with pytest.raises(ExpressionError, match="Invalid regex"):
        compiled(pattern)
