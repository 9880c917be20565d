from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from flowctl.language.expressions.environment import Environment
from tests.language.expressions.render import failure, render

ROWS = [{"name": "ann", "n": 1, "g": "x"}, {"name": "bob", "n": 2, "g": "y"}, {"name": "cid", "n": 3, "g": "x"}]


def results(program: str, value: object = ROWS) -> object:
    text = render("{{ value | jq(program) | toJson }}", {"value": value, "program": program})
    return json.loads(text)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (".[] | select(.n > 1) | .name", ["bob", "cid"]),
        ("map(.n) | add", [6]),
        ("group_by(.g) | map({g: .[0].g, c: length})", [[{"g": "x", "c": 2}, {"g": "y", "c": 1}]]),
        ("sort_by(-.n) | .[0].name", ["cid"]),
        ('.[0] | "\\(.name)!\\(.n + 1)"', ["ann!2"]),
        (".[1:] | length, .[-1:][0].n", [2, 3]),
        ("map(.n |= . + 1) | .[0].n", [2]),
        ("del(.[0], .[1]) | map(.name)", [["cid"]]),
        ("[limit(2; .[])] | length", [2]),
        ("first(.[] | .name), last(.[].n), nth(1; .[].n)", ["ann", 3, 2]),
        ("reduce .[] as $r (0; . + $r.n)", [6]),
        ("[foreach .[] as {n: $n} (0; . + $n)]", [[1, 3, 6]]),
        ("[paths] | length", [12]),
        ("[.[].name | test(\"B\"; \"i\")]", [[False, True, False]]),
        ('"abcb" | gsub("b"; "X"), sub("(?<l>b)"; "<\\(.l)>")', ["aXcX", "a<b>cb"]),
        ('"a1b22" | [scan("[0-9]+")], [splits("[0-9]+")]', [["1", "22"], ["a", "b", ""]]),
        ('"t1" | capture("(?<w>[a-z]+)(?<d>[0-9]+)")', [{"w": "t", "d": "1"}]),
        ("[range(0; 10; 3)], [range(2)], [range(3; 1; -1)]", [[0, 3, 6, 9], [0, 1], [3, 2]]),
        ("[range(0; 3; 0)], [range(3; 0; 0)]", [[], []]),
        ('" a b " | trim, ltrim, rtrim', ["a b", "a b ", " a b"]),
        ('try error("x") catch ., (.[0].zz // "d")', ["x", "d"]),
        ('[.[] | if .n == 1 then "one" elif .n == 2 then "two" else "many" end]', [["one", "two", "many"]]),
        (".[0] | keys, keys_unsorted", [["g", "n", "name"], ["name", "n", "g"]]),
        ("[.. | numbers]", [[1, 2, 3]]),
        ("def twice(f): f | f; 3 | twice(. * 2)", [12]),
        ("def f($a; $b): $a + $b; f(1, 2; 10)", [11, 12]),
        (". as [$a, {n: $m}] | [$a.n, $m]", [[1, 2]]),
        ("[.[] | .n] | any(. > 2), all(. > 2), min, max", [True, False, 1, 3]),
        ("unique_by(.g) | length", [2]),
        ("min_by(.n).name, max_by(.n).name", ["ann", "cid"]),
        ('.[0] | with_entries(.value |= tostring) | .n', ["1"]),
        ("to_entries | map(.key)", [[0, 1, 2]]),
        ("[1, [2, [3]]] | flatten, flatten(1)", [[1, 2, 3], [1, 2, [3]]]),
        ("{a: {b: 1}} | .a.c = 2 | .a.b += 5 | del(.a.c)", [{"a": {"b": 6}}]),
        ("{a: 1} * {a: {b: 2}} * {a: {c: 3}}", [{"a": {"b": 2, "c": 3}}]),
        ("[3, 1, 2] | sort, reverse, index(1), (. - [1])", [[1, 2, 3], [2, 1, 3], 1, [3, 2]]),
        ("[null, true, 1, \"a\", [], {}] | sort == .", [True]),
        ('"a,b" | split(",") | join("-"), @json, @csv, @sh', ["a-b", '["a","b"]', '"a","b"', "'a' 'b'"]),
        ('"aé" | @base64, (@base64 | @base64d), @uri, length, utf8bytelength', ["YcOp", "aé", "a%C3%A9", 2, 3]),
        ('"ab" | explode, (explode | implode), ascii_upcase, ltrimstr("a"), .[1:]', [[97, 98], "ab", "AB", "b", "b"]),
        ("10 / 4, 7 % 3, (2 | pow(.; 10)), (2.5 | floor, ceil, round)", [2.5, 1, 1024, 2, 3, 3]),
        ('"2015-03-05T23:51:47Z" | fromdate | ., todate', [1425599507, "2015-03-05T23:51:47Z"]),
        ('"[1]" | fromjson | tojson', ["[1]"]),
        ("[.[] | .name] | inside([\"ann\", \"bob\", \"cid\", \"d\"])", [True]),
        ("walk(if type == \"number\" then . + 1 else . end) | map(.n)", [[2, 3, 4]]),
        ("[label $out | .[] | if .n == 2 then break $out else .n end]", [[1]]),
        ("1 | until(. > 100; . * 2), [while(. < 10; . * 3)]", [128, [1, 3, 9]]),
        ("path(.[0].name), getpath([1, \"n\"]), [paths(type == \"number\")][0]", [[0, "name"], 2, [0, "n"]]),
        ("[.[] | {name, n}] | .[0]", [{"name": "ann", "n": 1}]),
        ("{(.[0].name): 1, \"k\": 2, @text \"x\": 3}", [{"ann": 1, "k": 2, "x": 3}]),
        ("[1, 2] | combinations?", []),
        ("[[1, 2], [3]] | [combinations], transpose", [[[1, 3], [2, 3]], [[1, 3], [2, None]]]),
        ("[splits(\"a\")]?", []),
        (".[1e0].n, .[\"0\"]?", [2]),
        ("limit(0; 1), isempty(empty), (map(.n) | IN([1, 2, 3]))", [True, True]),
    ],
)  # fmt: skip
def test_program(program: str, expected: object) -> None:
    assert results(program) == expected


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (".a", 'jq: Cannot index array with "a"'),
        ("1 / 0", "jq: number (1) and number (0) cannot be divided because the divisor is zero"),
        ("{} + 1", "jq: object ({}) and number (1) cannot be added"),
        ("nope", "jq: nope/0 is not defined"),
        ("$x", "jq: $x is not defined"),
        ("error", "jq: […,…]"),
        (".[", "jq: syntax error at 'the end' (position 3)"),
        (".[0] | .name | .[]", 'jq: Cannot iterate over string ("ann")'),
        ("1 == 1 == 1", "jq: syntax error: operators that do not chain at '==' (position 8)"),
        ('"open', "jq: unclosed text (position 1)"),
        ("if 1 then 2", "jq: syntax error: expected 'end' at 'the end' (position 12)"),
        ("(1, 2) = 3", "jq: Invalid path expression with result number (1)"),
        ("@nope", "jq: nope is not a valid format"),
        ('.[0].name | test("a"; "gq")', 'jq: string ("gq") is not a valid modifier string'),
        (".[0].name | test(5)", "jq: number (5) cannot be matched, as it is not a string"),
    ],
)
def test_program_that_fails(program: str, message: str) -> None:
    assert failure("{{ v | jq(p) }}", {"v": ROWS, "p": program}).message == message


def test_the_input_stays_as_it_was() -> None:
    value = {"a": [1]}
    assert results(".a[0] = 2", value) == [{"a": [2]}]
    assert value == {"a": [1]}


def test_text_is_read_as_json() -> None:
    assert results(".a", '{"a": 1}') == [1]
    assert "Unable to parse jq value 'hello'" in failure("{{ 'hello' | jq('.') }}").message


def test_now_is_the_clock_of_the_environment() -> None:
    environment = Environment(clock=lambda: datetime(2024, 1, 1, tzinfo=UTC))
    assert render("{{ 1 | jq('now') | first }}", {}, environment) == "1.7040672E9"
