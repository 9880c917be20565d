from __future__ import annotations

import pytest

from flowctl.language.expressions.environment import Environment
from tests.language.expressions.render import failure, render

CONTEXT = {"m": {"b": 2, "a": None}, "text": "l1\r\nl2", "n": None, "raw": b"hi"}


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ 'abcdef' | abbreviate(3) }}", "abc"),
        ("{{ ' one two' | capitalize }}", " One two"),
        ("{{ text | nl2br }}", "l1<br />l2"),
        ("{{ 'a.b' | substringAfterLast('#') }}|", "|"),
        ("{{ 'a.b' | substringBeforeLast('#') }}", "a.b"),
        ("{{ '' | slugify }}{{ n | upper }}", ""),
        ("{{ 5 | startsWith('5') }}", "true"),
        ("{{ raw | base64encode }}", "aGk="),
        ("{{ raw }}", '"aGk="'),
        ("{{ m | keys | join(',') }} {{ [5, 6] | keys }}", "b,a [0,1]"),
        ("{{ m | length }} {{ m.b | length }}", "2 0"),
        ("{{ [3, 1] | sort | first }}", "1"),
        ("{{ 'abc' | slice }} {{ [1, 2] | slice(toIndex=1) }}", "abc [1]"),
        ("{{ {'a': 1} | merge(['x']) }}", '{"a":1,"x":"x"}'),
        ("{{ [{'a': 1.0}, {'a': 1}] | distinct }}", '[{"a":1.0}]'),
        ("{{ nope.deep | upper | default('x') }}", "x"),
        ("{{ 'a' | escapeChar('single') }}{{ \"'\" | escapeChar('single') }}", "a\\'"),
        ("{{ 'x' | default }}", "x"),
        ("{{ ['a'] | replace({'a': 'b'}) | first | upper }}", "B"),
        ("{{ 'a+b' | urldecode }} {{ '%C3%A9' | urldecode }}", "a b é"),
        ("{% filter replace({'a': 'b'}) | upper %}aa{% endfilter %}", "BB"),
    ],
)
def test_filter(template: str, printed: str) -> None:
    assert render(template, CONTEXT) == printed


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 1 | trim }}", "The 'trim' filter takes a text. Actual type was: java.lang.Long"),
        ("{{ [1, null] | sort }}", "null cannot be sorted"),
        ("{{ 'a' | chunk(1) }}", "'chunk' filter can only be applied to List. Actual type was: java.lang.String"),
        ("{{ [1] | chunk('2') }}", "The argument 'size' has to be a whole number."),
        ("{{ [1] | chunk(1, 2) }}", "The argument at position 2 is not allowed. Only 1 argument(s) are allowed."),
        ("{{ 'a' | escapeChar('html') }}", "The argument 'type' is one of single, double, shell, not 'html'."),
        ("{{ null | merge(null) }}", "The two arguments to be merged are null"),
        ("{{ 'abc' | slice(9) }}", "fromIndex must be smaller than input size: 3"),
        ("{{ {'a': 1} | jq('.b[') }}", "jq: syntax error at 'the end' (position 4)"),
    ],
)
def test_filter_that_does_not_fit(template: str, message: str) -> None:
    assert failure(template, CONTEXT).message == message


@pytest.mark.parametrize("template", ["{{ [1] | json }}", "{{ json('[1]') }}"])
def test_what_2_0_removed_exists_before_it(template: str) -> None:
    assert render(template, environment=Environment(dialect="1.3")) == "[1]"
    error = failure(template, environment=Environment(dialect="2.0"))
    assert error.code == "F352"
    assert "Json" in error.hint


def test_filters_leave_their_input_as_it_was() -> None:
    context = {"l": [3, 1, 2], "m": {"a": 1}}
    render("{{ l | sort }}{{ l | reverse }}{{ l | merge([1]) }}{{ m | merge({'b': 1}) }}{{ l + 4 }}", context)
    assert context == {"l": [3, 1, 2], "m": {"a": 1}}
