from __future__ import annotations

import pytest

from flowctl.language.expressions.environment import Environment
from tests.language.expressions.render import failure, render

VARS = {"i": 7, "j": 2, "m": 2147483647, "big": 5_000_000_000, "f": 2.5, "l": [1, 2], "none": None, "my-var": 1}


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ m + j }}", "-2147483647"),
        ("{{ m + 1 }}", "2147483648"),
        ("{{ 9223372036854775807 + 1 }}", "-9223372036854775808"),
        ("{{ big * 10 }}", "50000000000"),
        ("{{ -7 / 2 }} {{ -7 % 2 }}", "-3 -1"),
        ("{{ -1.0 / 0 }}", "-Infinity"),
        ("{{ [1, 2, 2, 3] - 2 }}", "[1,2,3]"),
        ("{{ [1, 2, 2, 3] - [2] }}", "[1,3]"),
        ("{{ ('1.25' | number('BIGDECIMAL')) + 1 }}", "2.25"),
        ("{{ ('123456789012345678901234567890' | number) + 1 }}", "123456789012345678901234567891"),
        ("{{ +3 }} {{ -f }}", "3 -2.5"),
        ("{{ 1 + 2 ~ 'a' }}", "12a"),
        ("{{ 1..2 + 1 }}", "[1,2,1]"),
        ("{{ 'a' ~ 'b' | upper ~ 'c' }}", "ABc"),
        ("{{ l contains 2 and not (l contains 3) }}", "true"),
        ("{{ {1: 'a'} contains 1 }}", "true"),
        ("{{ none ?? 'x' }}{{ none ??? 'x' }}", "x"),
        ("{{ nope.a.b[1] ?? 'x' }}", "x"),
        ("{{ true ? 1 : true ? 2 : 3 }}", "1"),
        ("{{ 'b' > 'a' and 'a' < 'b' }}", "true"),
        ("{{ 1 is  not  null }}", "true"),
        ("{{ order_total ?? 1 }}", "1"),
    ],
)
def test_operator(template: str, printed: str) -> None:
    assert render(template, VARS) == printed


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 1 / 0 }}", "Could not perform division"),
        ("{{ 1 % 0 }}", "Could not perform greater modulus"),
        ("{{ {'a': 1} * 2 }}", "Could not perform multiplication"),
        ("{{ nope != 1 }}", "Could not perform not equals comparison"),
        ("{{ [1] >= 2 }}", "Could not perform greater than or equals comparison"),
        ("{{ 1 <= 'a' }}", "Could not perform less than or equals comparison"),
        ("{{ not [1] }}", "not() takes a boolean, a number or a text, not a list"),
        ("{{ null or true }}", "null value used in or operator and strict variables is set to true"),
        ("{{ -'a' }}", "a text has no negative"),
        ("{{ 1..'b' }}", "Arguments of range function must be of type Number or String with a length of 1"),
        ("{{ {[1]: 2} }}", "a list cannot be the key of a map"),
    ],
)
def test_operator_that_does_not_fit(template: str, message: str) -> None:
    assert failure(template, VARS).message == message


def test_a_name_may_begin_with_a_word_of_an_operator() -> None:
    context = {"inputs": {"order": 1, "is_ok": 2, "not_found": 3, "and1": 4}}
    assert render("{{ inputs.order }}{{ inputs.is_ok }}{{ inputs.not_found }}{{ inputs.and1 }}", context) == "1234"


def test_right_side_of_and_is_not_evaluated_when_the_left_decides() -> None:
    assert render("{{ false and nope }}{{ true or nope }}") == "falsetrue"


@pytest.mark.parametrize(
    ("operation", "result"), [("'6' * 2", "12"), ("6 / '2'", "3"), ("'6' - 2", "4"), ("7 % '2'", "1")]
)
def test_a_numeric_text_is_an_operand_since_2_0(operation: str, result: str) -> None:
    template = f"{{{{ {operation} }}}}"
    assert render(template, {}, Environment(dialect="2.0")) == result
    error = failure(template, {}, Environment(dialect="1.3"))
    assert error.message.startswith("Could not perform ")
    assert error.hint == "before 2.0 a text is no operand: write `'6' | number`"


def test_a_text_concatenates_in_every_dialect() -> None:
    assert render("{{ '1' + 2 }} {{ 1 + 2 }} {{ 7 / 2 }}", {}, Environment(dialect="1.3")) == "12 3 3"


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
def test_texts_have_an_order_since_2(operator: str) -> None:
    """Both as seen on real servers."""
    template = "{{ 'a' " + operator + " 'b' }}"
    assert render(template, {}, Environment(dialect="2.0")) == str(operator[0] == "<").lower()
    assert failure(template, {}, Environment(dialect="1.3")).message.startswith("Could not perform ")


def test_a_text_is_taken_out_of_a_list_in_every_dialect() -> None:
    assert render("{{ ['b', 'a'] - 'a' }}", {}, Environment(dialect="1.3")) == '["b"]'
