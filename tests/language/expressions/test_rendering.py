from __future__ import annotations

import threading

import pytest

from flowctl.language.expressions import Environment, ExpressionError, Limits, render_value, truthy
from flowctl.language.expressions.template import compile_template


def test_every_text_of_a_value_is_rendered_once() -> None:
    value = {"{{ k }}": ["{{ a }}", 5, None, {"x": "{{ tpl }}"}], "plain": True}
    context = {"k": "key", "a": 1, "tpl": "{{ a }}"}
    assert render_value(value, context) == {"key": ["1", 5, None, {"x": "{{ a }}"}], "plain": True}


def test_of_two_keys_that_render_to_one_the_first_wins() -> None:
    assert render_value({"{{ a }}": 1, "x": 2}, {"a": "x"}) == {"x": 1}


def test_all_texts_of_a_value_share_one_budget() -> None:
    environment = Environment(limits=Limits(characters=100))
    with pytest.raises(ExpressionError, match="longer than 100 characters"):
        render_value(["{{ a }}"] * 20, {"a": "x" * 10}, environment)


def test_a_broken_text_is_an_error() -> None:
    with pytest.raises(ExpressionError) as caught:
        render_value({"a": ["{{ 1 +"]}, {})
    assert (caught.value.line, caught.value.column) == (1, 7)


@pytest.mark.parametrize("text", ["", "  ", "false", " false ", "0", "-0"])
def test_falsy(text: str) -> None:
    assert not truthy(text)


@pytest.mark.parametrize("text", ["true", "null", "False", "FALSE", "0.0", "[]", "x"])
def test_truthy(text: str) -> None:
    assert truthy(text)


def test_a_template_is_compiled_once() -> None:
    assert compile_template("{{ cached }}") is compile_template("{{ cached }}")


def test_one_template_renders_in_many_threads() -> None:
    template = compile_template("{% set t = 0 %}{% for i in 1..n %}{% set t = t + i %}{% endfor %}{{ t }}")
    printed: dict[int, str] = {}

    def work(n: int) -> None:
        printed[n] = template.render({"n": n})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(100, 108)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert printed == {n: str(n * (n + 1) // 2) for n in range(100, 108)}
