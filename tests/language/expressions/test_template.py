from __future__ import annotations

import threading

import pytest

from flowctl.language.expressions.template import compile_template, truthy


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
