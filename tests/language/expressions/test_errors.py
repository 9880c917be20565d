from __future__ import annotations

import pytest

from flowctl.language.expressions.errors import UndefinedError
from flowctl.language.expressions.template import compile_template
from tests.language.expressions.render import failure


@pytest.mark.parametrize(
    ("template", "code", "place", "hint"),
    [
        ("{{ inputs.nam }}", "F353", (1, 11), "did you mean `name`?"),
        ("{{ outputs.transform_data }}", "F353", (1, 12), "did you mean `['transform-data']`?"),
        ("x\n  {{ taskRun.id }}", "F353", (2, 6), "did you mean `taskrun`?"),
        (
            "{{ execution.state.message }}",
            "F353",
            (1, 20),
            "the messages of failed tasks are in `errorLogs()[0].message`",
        ),
        ("{{ error.message }}", "F353", (1, 4), "there is no variable `error`; use `errorLogs()`"),
        ("{{ 'a' | uper }}", "F352", (1, 10), "did you mean `upper`?"),
        ("{{ fromjson('1') }}", "F352", (1, 4), "did you mean `fromJson`?"),
        ("{{ 1 is evn }}", "F352", (1, 9), "did you mean `even`?"),
        ("{% elif %}", "F352", (1, 4), "write `elseif`"),
        ("{{ 'a' in x }}", "F351", (1, 8), "there is no `in`: write `x isIn list` or `list contains x`"),
        ("{{ a = 1 }}", "F351", (1, 6), "write `==` to compare, `{% set name = … %}` to assign"),
        (
            "{{ outputs.transform-data.rowCount }}",
            "F355",
            (1, 21),
            "a hyphen is the minus operator; did you mean `outputs['transform-data'].rowCount`?",
        ),
        ("{{ m[1] }}", "F355", (1, 6), "the map's keys are texts: write ['1']"),
        ("{{ 1 | trim }}", "F355", (1, 8), "convert it with `| string` first"),
        ("{{ 1..9999999 }}", "F354", (1, 5), ""),
        ("{{ 'abc }}", "F351", (1, 4), ""),
        ("{{ (1 }}", "F351", (1, 7), ""),
    ],
)
def test_an_error_has_code_place_and_hint(template: str, code: str, place: tuple[int, int], hint: str) -> None:
    given = {"inputs": {"name": 1}, "taskrun": {}, "execution": {"state": "FAILED"}, "m": {"a": 1}}
    error = failure(template, given | {"outputs": {"transform-data": {}}})
    assert (error.code, (error.line, error.column), error.hint) == (code, place, hint)


def test_an_undefined_name_is_told_with_the_template_and_line() -> None:
    error = failure("a\n{{ vars.x.y }}", {"vars": {}})
    assert isinstance(error, UndefinedError)
    assert str(error) == "Unable to find `x` used in the expression `a\n{{ vars.x.y }}` at line 2"


def test_a_long_template_is_shortened_in_the_error() -> None:
    assert len(str(failure("x" * 5000 + "{{ nope }}"))) < 800


def test_an_error_inside_render_keeps_the_inner_template() -> None:
    error = failure("{{ render(t) }}", {"t": "{{ nope }}"})
    assert str(error) == "Unable to find `nope` used in the expression `{{ nope }}` at line 1"


def test_the_diagnostic_of_an_error() -> None:
    found = failure("{{ a\n + }}", {"a": 1}).diagnostic()
    assert (found.code, found.line, found.column) == ("F351", 2, 4)


def test_an_odd_value_fails_the_template_and_nothing_else() -> None:
    class Odd:
        def __str__(self) -> str:
            raise ValueError("no text")

    assert failure("{{ x }}", {"x": Odd()}).message == "The expression cannot be evaluated: no text"


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ x.__class__ }}", "F353"),
        ("{{ ''.__class__() }}", "F353"),
        ("{{ x.format('a') }}", "F353"),
        ("{{ 'a'.getClass() }}", "F355"),
    ],
)
def test_python_is_out_of_reach(template: str, code: str) -> None:
    assert failure(template, {"x": "s"}).code == code


def test_a_text_without_braces_is_not_parsed() -> None:
    template = compile_template("100% plain } text")
    assert template.render({}) == "100% plain } text"
