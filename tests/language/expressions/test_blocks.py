from __future__ import annotations

import pytest

from tests.language.expressions.render import failure, render


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{% for x in [] %}a{% else %}b{% endfor %}", "b"),
        ("{% for x in null %}a{% else %}b{% endfor %}", ""),
        ("{% for x in m %}{{ x.key }}{{ x.value }} {% endfor %}", "b2 a1 "),
        ("{% for x in m %}{{ x }}{% endfor %}", "b=2a=1"),
        ("{% for x in m.keySet() %}{{ x }}{{ loop.revindex }}{% endfor %}", "b1a0"),
        (
            "{% for x in 1..2 %}{% for y in 1..2 %}{{ loop.last }} {% endfor %}{{ loop.index }};{% endfor %}",
            "false true 0;false true 1;",
        ),
        ("{% if 0 %}{% elseif '' %}{% else %}c{% endif %}", "c"),
        ("{% macro f(a, b='z') %}{{ a }}{{ b }}{% endmacro %}{{ f(b=1, a=2) }}{{ f('x') }}", "21xz"),
        ("{% macro f(l) %}{% for x in l %}{{ x }}{% endfor %}{% endmacro %}{{ f([1, 2]) | length }}", "2"),
        ("{% block a %}x{% endblock a %}{{ block('a') }}{{ block('b') }}", "xx"),
        ("{% block 'a' %}y{% endblock %}", "y"),
        ("{% block a %}x{% endblock %}{% for i in 1..50 %}{{ block('a') }}{% endfor %}", "x" * 51),
        ("a  {#- c -#}  b", "ab"),
        ("{% verbatim -%} {{ a }} {%- endverbatim %}", "{{ a }}"),
        ("{% raw %}{{ a }}{% endraw %}\n{% raw %}{{ b }}{% endraw %}", "{{ a }}\n{{ b }}"),
        ("{% set a = 1 %}{% if true %}{% set a = 2 %}{% endif %}{{ a }}", "2"),
        ('{{ "a#{ "b#{1}" }c" }}', "ab1c"),
    ],
)
def test_block(template: str, printed: str) -> None:
    assert render(template, {"m": {"b": 2, "a": 1}}) == printed


@pytest.mark.parametrize(
    ("template", "message", "place"),
    [
        ("{% for x in 5 %}{% endfor %}", "Not an iterable object: a number", (1, 4)),
        ("{% for x in 'ab' %}{% endfor %}", "Not an iterable object: a text", (1, 4)),
        (
            "{% for e in {'a': [1]} %}{% for x in e %}{% endfor %}{% endfor %}",
            "Not an iterable object: an entry of a map",
            (1, 29),
        ),
        ("{% if true %}\n{% fi %}", 'Unexpected tag name "fi"', (2, 4)),
        ("{% if true %}a", 'Unexpected end of template, looking for the "endif" tag', (1, 15)),
        (
            "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}",
            "The argument at position 2 is not allowed. Only 1 argument(s) are allowed.",
            (1, 34),
        ),
        ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "More than one block has the name a", (1, 31)),
        ("{# open", "Unclosed comment", (1, 1)),
        ("{% raw %}\n{% endraw %}", 'Unexpected tag name "raw"', (1, 4)),
    ],
)
def test_block_that_is_wrong(template: str, message: str, place: tuple[int, int]) -> None:
    error = failure(template)
    assert (error.message, (error.line, error.column)) == (message, place)
