"""Edge cases of the filters that the flow language adds; compared with the libraries that its server is made of."""

from __future__ import annotations

import pytest

from flowctl.language.expressions.environment import Environment, Limits
from flowctl.language.expressions.errors import LimitError
from tests.language.expressions.render import failure, render

CONTEXT: dict[str, object] = {"l": ["it's", {"k": "a'b"}], "n": None, "i": 7}


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ('{{ l | escapeChar("single") }}', r'["it\\' + r"""'s",{"k":"a\\'b"}]"""),
        ("{{ \"it's\" | escapeChar('SHELL') }}", r"it'\''s"),
        ("{{ 'Hello' | startsWith('He') }}{{ 12 | startsWith(1) }}{{ 12 | endsWith(3) }}", "truetruefalse"),
        ("{{ n | substringBefore }}{{ 'a.b' | substringBefore(n) }}|{{ 'a.b' | substringAfter(n) }}|", "a.b||"),
        ("{{ 'a.b' | substringBeforeLast(n) }}|{{ 'a.b' | substringAfterLast(n) }}|", "a.b||"),
        ("{{ '' | indent }}|{{ '' | nindent }}|{{ \"a\rb\" | indent(1) }}|", "||a\r b|"),
        ("{{ ['a', 'b'] | keys | first | className }} {{ 'a,b' | split(',') | keys }}", "java.lang.Integer [0,1]"),
        ("{{ isLastWorkingDay('2026-01-30', 'MONDAY FRIDAY') }}{{ isLastWorkingDay('2026-01-30', ' ') }}", "truetrue"),
    ],
)
def test_filter(template: str, printed: str) -> None:
    assert render(template, CONTEXT) == printed


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 'a' | endsWith(n) }}", "The 'endsWith' filter expects an argument 'value'."),
        ("{{ 'a' | indent(-1) }}", "The 'indent' filter expects a positive integer >=0 as argument 'amount'."),
        ("{{ [1] | values }}", "'values' filter can only be applied to Map. Actual type was: java.util.ArrayList"),
        ("{{ yaml(n) }}", "The 'yaml' function expects an argument 'yaml' with type string."),
        ("{{ fromJson('01') }}", "Invalid json: Invalid numeric value: Leading zeroes not allowed"),
        (
            "{{ isLastWorkingDay('2026-01-30', ',') }}",
            "The 'isLastWorkingDay()' function requires at least one valid day in 'workingDays'.",
        ),
    ],
)
def test_filter_that_fails(template: str, message: str) -> None:
    assert failure(template, CONTEXT).message == message


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ '010' | number }} {{ '-010' | number('LONG') }} {{ '010' | number('BIGINTEGER') }}", "8 -8 8"),
        ("{{ '0x1F' | number('INT') }} {{ '#1F' | number }} {{ '-0x1F' | number('BIGINTEGER') }}", "31 31 -31"),
        ("{{ 'NaN' | number('DOUBLE') }} {{ '-Infinity' | number('FLOAT') }}", "NaN -Infinity"),
        ("{{ '1e3' | number('BIGDECIMAL') }} {{ '1e-7' | number('BIGDECIMAL') }}", "1000 0.0000001"),
        (
            "{{ ('0.1' | number) + 1 }} {{ ('0.1' | number) * 3 }} {{ ('0.1' | number) + 1.0 }}",
            "1.1 0.3 1.1000000014901161",
        ),
        ("{{ ('1.50' | number('BIGDECIMAL')) + 1 }} {{ ('1.50' | number('BIGDECIMAL')) * 2 }}", "2.5 3.00"),
        ("{{ ('1e3' | number('BIGDECIMAL')) ~ '' }}", "1E+3"),
    ],
)
def test_numbers(template: str, printed: str) -> None:
    assert render(template, CONTEXT) == printed


@pytest.mark.parametrize("text", ["08", "09.x", "0x", "--5"])
def test_texts_that_are_no_numbers(text: str) -> None:
    assert "valid number" in failure("{{ text | number }}", {"text": text}).message


def test_a_number_of_too_many_digits_is_not_printed() -> None:
    assert isinstance(failure("{{ '1e9999' | number }}"), LimitError)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", '--- ""\n'),
        ("true", '"true"\n'),
        ("- a", "'- a'\n"),
        ("'q'", "'''q'''\n"),
        (" a", "' a'\n"),
        ("a\tb", '"a\\tb"\n'),
        ("a: b", '"a: b"\n'),
        ("---", "'---'\n"),
        ("\n", "|2+\n\n"),
        (" a\nb", "|2-\n   a\n  b\n"),
        ("a \nb", '"a \\nb"\n'),
        ("a\n\tb", '"a\\n\\tb"\n'),
        ({"k": None}, "k: null\n"),
        ({"1": 1, "-a": 2, "a: b": 3, "[": 4, "a,b]": 5}, "\"1\": 1\n\"-a\": 2\n'a: b': 3\n'[': 4\na,b]: 5\n"),
        ({"": 1, "a\nb": 2}, '? ""\n: 1\n? "a\\nb"\n: 2\n'),
        ({"k": {"j": "a\nb"}}, "k:\n  j: |-\n    a\n    b\n"),
    ],
)
def test_yaml(value: object, text: str) -> None:
    assert render("{{ v | yaml }}", {"v": value}) == text


def test_ion_keeps_nulls_of_maps() -> None:
    assert render("{{ {'a': null, 'b': [null]} | toIon }}") == "{a:null,b:[null]}"


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        (r'"\(1) \(2)"', '["1 2"]'),
        (r'"\(null)\(true)\({})\(4.0)"', '["nulltrue{}4.0"]'),
        (r'"a\(1,2)b\(3,4)"', '["a1b3","a2b3","a1b4","a2b4"]'),
        (r'{"y\(1)": 2}', '[{"y1":2}]'),
        (r'@sh "echo \("a b") \(1)"', "[\"echo 'a b' 1\"]"),
        (r'@base64 "x\("a")y", @uri "?\("a b")"', '["xYQ==y","?a%20b"]'),
        ("{a: [1, {b: 2}]} | .a[].b?", "[2]"),
        ("{a: 1} | .a.b?, (.a.b.c)?, .a[0]?, .a[]?, 9", "[9]"),
        ("4.0, 4.0 + 1, 3.7 - 0.7, -(1.0), (3.7 | floor)", "[4.0,5,3,-1,3.0]"),
        ("4.0 | tostring, tojson, @json", '["4","4","4"]'),
        ('[1.0, null, true] | join("-")', '["1.0--true"]'),
        ("nan < 1, nan > 1, nan < nan", "[true,false,true]"),
        ("[nan] | tojson", '["[null]"]'),
        ("9007199254740993", "[9007199254740993]"),
        ("[1, 2][0.5], [1, 2][1.0]", "[null,2]"),
        ("[[1, 2, 3][(0, 1):(2, 3)]]", "[[[1,2],[1,2,3],[2],[2,3]]]"),
    ],
)
def test_jq(program: str, printed: str) -> None:
    assert render("{{ 1 | jq(program) }}", {"program": program}) == printed


def test_jq_reads_the_first_value_of_a_text() -> None:
    assert render("{{ '1 2' | jq('.') }}{{ '' | jq('.') }}") == "[1][null]"


def test_jq_that_leads_nowhere() -> None:
    assert failure("{{ 1 | jq('.a.b?') }}").message == 'jq: Cannot index number with "a"'
    assert failure("{{ 1 | jq('[1] | flatten(-1)') }}").message == "jq: flatten depth must not be negative"


def test_written_structures_are_bounded() -> None:
    environment = Environment(limits=Limits(characters=1000))
    value = {"l": ["x" * 100] * 20}
    for template in ("{{ v | yaml }}", "{{ v | toIon }}", "{{ v | escapeChar('shell') }}", "{{ v | jq('tojson') }}"):
        assert isinstance(failure(template, {"v": value}, environment), LimitError), template


@pytest.mark.parametrize("name", ["startsWith", "endsWith"])
def test_null_begins_and_ends_with_nothing_since_2(name: str) -> None:
    """Both as seen on real servers."""
    template = "{{ n | " + name + "('a') }}"
    assert render(template, {"n": None}, Environment(dialect="2.0")) == "false"
    found = failure(template, {"n": None}, Environment(dialect="1.3"))
    assert found.message == f"The '{name}' filter cannot be applied to null"


def test_the_class_of_null_is_nothing() -> None:
    assert render("[{{ n | className }}]", {"n": None}) == "[]"


@pytest.mark.parametrize(
    ("text", "printed"),
    [("hello", "|h|he|hel|h...|he...|hello|hello"), ("abc", "abc|abc|abc|abc|abc|abc|abc|abc")],
    ids=["long", "as short as the dots"],
)
def test_a_text_is_cut_from_its_own_length_on(text: str, printed: str) -> None:
    """As seen on real servers: a text of exactly `length` characters is cut as well, one of three never."""
    assert "|".join(render("{{ t | abbreviate(w) }}", {"t": text, "w": width}) for width in range(8)) == printed


@pytest.mark.parametrize("text", ["1]", "1a", "1.5.2", "truex", "null5", "2024-01-01"])
def test_json_that_runs_on_is_none(text: str) -> None:
    assert failure("{{ fromJson(t) }}", {"t": text}).message.startswith("Invalid json")


@pytest.mark.parametrize(("text", "printed"), [("1 2", "1"), ("true-", "true"), ("null,", ""), ('"a"b', "a")])
def test_what_stands_apart_behind_json_is_left_alone(text: str, printed: str) -> None:
    assert render("{{ fromJson(t) }}", {"t": text}) == printed


@pytest.mark.parametrize("text", ["", " ", "# nothing"])
def test_yaml_without_a_value_is_none(text: str) -> None:
    assert failure("{{ yaml(t) }}", {"t": text}).message == "Invalid yaml: there is nothing in it"
