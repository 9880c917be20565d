"""Templates that would occupy or fill the service end with an error inside their limits."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from flowctl.language.expressions.environment import Environment, Limits
from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.problems import problems
from flowctl.language.expressions.template import compile_template
from tests.language.expressions.render import failure, render

SMALL = Environment(
    limits=Limits(characters=20_000, items=5_000, steps=20_000, seconds=1.0, regex_seconds=0.05),
)
TWINS = "{% set x = 1.5 %}{% set y = 1.5 %}{% for i in 1..60 %}{% set x = [x, x] %}{% set y = [y, y] %}{% endfor %}"
"""Two small values that refer to themselves so often that no walk over them ends."""

BOMBS = {
    "loops": "{% for a in 1..4000 %}{% for b in 1..4000 %}{% endfor %}{% endfor %}",
    "range": "{{ 0..2000000000 }}",
    "range function": "{{ range(0, 2000000000) }}",
    "range downwards": "{{ range(2000000000, 0, -1) }}",
    "doubled text": "{% set x = 'x' %}{% for i in 1..60 %}{% set x = x ~ x %}{% endfor %}{{ x }}",
    "doubled list": "{% set x = [1] %}{% for i in 1..60 %}{% set x = x + x %}{% endfor %}{{ x }}",
    "long output": "{% for i in 1..4000 %}{{ big }}{% endfor %}",
    "many values": "{% set l = [] %}{% for i in 1..2000 %}{% set l = l + [wide ~ i] %}{% endfor %}",
    "twins printed": TWINS + "{{ x }}",
    "twins compared": TWINS + "{{ x == y }}",
    "twins joined": TWINS + "{{ 'a' ~ x }}",
    "twins as YAML": TWINS + "{{ x | yaml }}",
    "twins as Ion": TWINS + "{{ x | toIon }}",
    "twins replaced": TWINS + "{{ x | replace({'a': 'b'}) }}",
    "twins rendered": TWINS + "{{ render(x) }}",
    "twins distinct": TWINS + "{{ [x, y] | distinct }}",
    "twins contained": TWINS + "{{ [x] contains [y] }}",
    "twins as text": TWINS + "{{ x.toString() }}",
    "twins in jq": "{{ 1 | jq('reduce range(60) as $i (1.5; [., .]) | . == .') }}",
    "twins in jq as JSON": "{{ 1 | jq('reduce range(60) as $i (1; [., .]) | tojson') }}",
    "twins merged in jq": "{{ 1 | jq('reduce range(60) as $i ({}; {a: ., b: .}) | . * .') }}",
    "twins flattened in jq": "{{ 1 | jq('reduce range(60) as $i ([]; [., .]) | flatten') }}",
    "jq range": "{{ 1 | jq('[range(1000000000)]') }}",
    "jq recursion": "{{ 1 | jq('def f: . + 1 | f; f') }}",
    "jq text": "{{ 1 | jq('\"x\" * 100000000') }}",
    "jq index": "{{ 1 | jq('null | .[1000000000] = 1') }}",
    "slow pattern": "{{ text | regexMatch('(a|aa)+$') }}",
    "slow pattern in replace": "{{ text | replace({'(a|aa)+$': 'x'}, true) }}",
    "slow pattern in split": "{{ text | split('(a|aa)+$') }}",
    "slow pattern in jq": "{{ text | toJson | jq('test(\"(a|aa)+$\")') }}",
    "huge pattern": "{{ text | regexMatch('((a{999}){999}){999}') }}",
    "macro": "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "macro tree": "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(35) }}",
    "mutual render": "{{ render(one) }}",
    "growing render": "{{ render(grow) }}",
    "block": "{% block b %}{{ block('b') }}{% endblock %}",
    "format width": "{{ '%2000000000d' | format(1) }}",
    "indent": "{{ 'a' | nindent(2000000000) }}",
    "replace": "{{ big | replace({'a': big}) }}",
    "pattern replace": "{{ big | regexReplace('a', big) }}",
    "join": "{{ (1..4000) | join(big) }}",
    "id": "{{ nanoId(2000000000) }}",
    "whole number": "{% set x = '99999999999999999999' | number %}{% for i in 1..99 %}{% set x = x * x %}{% endfor %}",
}
CONTEXT = {
    "big": "a" * 10_000,
    "wide": "w" * 1_000,
    "text": "a" * 60 + "b",
    "one": "{{ render(two) }}",
    "two": "{{ render(one) }}",
    "grow": "{{ grow ~ 'x' }}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_ends_inside_its_limits(name: str) -> None:
    started = time.monotonic()
    error = failure(BOMBS[name], CONTEXT, SMALL)
    assert isinstance(error, LimitError), error
    assert error.code == "F354"
    assert time.monotonic() - started < 20


def test_the_time_limit_is_read_off_the_stopwatch() -> None:
    ticks: Iterator[float] = iter(range(1000))
    environment = Environment(limits=Limits(seconds=5), stopwatch=lambda: next(ticks))
    error = failure("{% for i in 1..100 %}{{ i }}{% endfor %}", {}, environment)
    assert error.message == "The rendering takes longer than 5 s"


def test_values_are_charged_to_the_whole_rendering() -> None:
    environment = Environment(limits=Limits(characters=200_000))
    template = "{% set l = [] %}{% for i in 1..50 %}{% set l = l + [big ~ i] %}{% endfor %}"
    error = failure(template, {"big": "x" * 150_000}, environment)
    assert error.message == "The rendering makes more values than memory is given to it"


def test_calls_of_render_share_the_limits() -> None:
    assert failure("{% for i in 1..99 %}{{ render(t) }}{% endfor %}", {"t": "{{ big }}", "big": "x" * 500}, SMALL)


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 5000,
        "{{ " + "[" * 5000,
        "{{ " + "not " * 5000 + "1 }}",
        "{{ " + "-" * 5000 + "1 }}",
        "{{ 1" + " + 1" * 5000 + " }}",
        "{{ a" + ".b" * 5000 + " }}",
        "{{ 'a'" + " | upper" * 5000 + " }}",
        "{{ " + "1 ? 1 : " * 5000 + "1 }}",
        "{% if true %}" * 500,
        '{{ "' + '#{"' * 500,
        "{% raw %}" * 5000,
        "{% verbatim %}" * 5000,
        "{#" * 5000,
        "x" * 1_000_001 + "{{ 1 }}",
    ],
    ids=lambda text: text[:14],
)
def test_a_hostile_text_is_refused_quickly(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(ExpressionError):
        compile_template(text).render({})
    assert problems(text)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ fromJson(deep) }}", "F354"),
        ("{{ deep | jq('.') }}", "F355"),
        ("{{ fromIon(deep) }}", "F354"),
        ("{{ yaml(deep) }}", "F355"),
    ],
)
def test_deep_input_is_refused(template: str, code: str) -> None:
    assert failure(template, {"deep": "[" * 100_000}).code == code


def test_ordinary_work_stays_far_below_the_limits() -> None:
    template = "{% set t = 0 %}{% for i in 1..10000 %}{% set t = t + i %}{% endfor %}{{ t }}"
    assert render(template) == "50005000"


def test_a_variable_that_grows_is_charged_what_it_holds() -> None:
    template = "{% set x = '' %}{% for i in 1..2000 %}{% set x = x ~ '0123456789' %}{% endfor %}{{ x | length }}"
    assert render(template, {}, Environment(limits=Limits(characters=30_000))) == "20000"
