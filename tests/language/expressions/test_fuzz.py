"""Whatever the text, only ExpressionError comes out, inside the time limit."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.language.expressions.catalogue import FILTERS, FUNCTIONS, TESTS
from flowctl.language.expressions.environment import Environment, Limits
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.java.printing import plain
from flowctl.language.expressions.parsing.lexer import OPERATORS
from flowctl.language.expressions.problems import problems
from flowctl.language.expressions.references import references
from flowctl.language.expressions.template import Template
from tests.language.expressions.samples import CONTEXT

ENVIRONMENT = Environment(limits=Limits(characters=50_000, items=2_000, steps=5_000, seconds=1.0, regex_seconds=0.1))
ATOMS = (
    *["1", "0", "-3", "2.5", "99999999999", "5000000000L", "'a'", "''", '"x#{1}"', "'2024-01-01'", "'(a+)+$'"],
    *[
        "null",
        "true",
        "[1, 2]",
        "[]",
        "{'a': 1}",
        "{}",
        "inputs",
        "inputs.name",
        "inputs.items",
        "vars.m",
        "nope",
        "loop",
    ],
)
WORDS = st.sampled_from(
    [
        *ATOMS,
        *OPERATORS,
        *FILTERS,
        *(f"{name}(" for name in FUNCTIONS),
        *TESTS,
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "?",
        ".",
        "=",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "if",
        "endif",
        "else",
        "for",
        "in",
        "endfor",
        "set",
        "x",
        "macro",
        "endmacro",
        "block",
        "endblock",
        "filter",
        "endfilter",
        "raw",
        "\n",
        "-",
    ]
)
SOUP = st.lists(WORDS, max_size=12).map(" ".join).map(lambda text: "{{ " + text + " }}")
ATOM = st.sampled_from(ATOMS)
PIPES = st.builds(
    lambda value, name, arguments: f"{{{{ {value} | {name}({', '.join(arguments)}) }}}}",
    ATOM,
    st.sampled_from(sorted(FILTERS)),
    st.lists(ATOM, max_size=3),
)
CALLS = st.builds(
    lambda name, arguments: f"{{{{ {name}({', '.join(arguments)}) }}}}",
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(ATOM, max_size=3),
)
SUMS = st.builds(
    lambda a, operator, b: f"{{{{ {a} {operator} {b} }}}}",
    ATOM,
    st.sampled_from(OPERATORS),
    ATOM | st.sampled_from(sorted(TESTS)),
)
FUZZ = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def survives(text: str) -> None:
    started = time.monotonic()
    try:
        template = Template(text)
        references(template)
        plain(template.typed(CONTEXT, ENVIRONMENT))
        template.render(CONTEXT, ENVIRONMENT)
    except ExpressionError as error:
        assert str(error)
        assert error.line is not None
    problems(text)
    assert time.monotonic() - started < 20


@FUZZ
@given(SOUP)
def test_soup_of_words(text: str) -> None:
    survives(text)


@FUZZ
@given(PIPES | CALLS | SUMS)
def test_every_filter_function_and_operator_with_any_values(text: str) -> None:
    survives(text)


@FUZZ
@given(st.text(st.sampled_from("{}%#'\"()[]|.-~?:=<>!&+*/, \n\\aix01"), max_size=40))
def test_soup_of_characters(text: str) -> None:
    survives(text)


@FUZZ
@given(st.text(st.sampled_from('.[](){}|,;:$abx01"\\?/+-*= '), max_size=25))
def test_soup_as_a_jq_program(program: str) -> None:
    survives("{{ {'a': [1, 'b', null]} | jq('" + program.replace("'", "") + "') }}")


@FUZZ
@given(st.text(st.sampled_from("()[]{}|*+?^$\\.abdwsQE-&,:<>=!12"), max_size=20))
def test_soup_as_a_pattern(pattern: str) -> None:
    survives("{{ 'aab12 c' | regexReplace('" + pattern + "', 'x$1') }}")


@FUZZ
@given(st.text(st.sampled_from("yMdHhmsSEaGLQqwWuDFkKAnNVvzOXxZ'[]-: /p#"), max_size=15))
def test_soup_as_a_date_pattern(pattern: str) -> None:
    survives("{{ '2024-03-05T14:07:09.5Z' | date(\"" + pattern + '") }}')
    survives("{{ '2024-03-05' | date(existingFormat=\"" + pattern + '") }}')


@FUZZ
@given(st.text(st.sampled_from("#0,.;E%'-x()"), max_size=10), st.floats() | st.integers())
def test_soup_as_a_number_pattern(pattern: str, value: float) -> None:
    text = "{{ v | numberFormat(p) }}{{ p | format(v) }}"
    try:
        Template(text).render({"v": value, "p": pattern}, ENVIRONMENT)
    except ExpressionError as error:
        assert str(error)


@FUZZ
@given(st.text(st.sampled_from("{}[]():,'\"0123.edxX_+-abn/* \n\\"), max_size=25))
def test_soup_as_ion(text: str) -> None:
    try:
        Template("{{ fromIon(t) }}").render({"t": text}, ENVIRONMENT)
    except ExpressionError as error:
        assert str(error)
