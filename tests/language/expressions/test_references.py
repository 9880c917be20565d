from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.problems import problems
from flowctl.language.expressions.references import Reference, names_in, references
from flowctl.language.expressions.template import compile_template


def found(text: str) -> list[tuple[str, ...]]:
    return [reference.path for reference in references(compile_template(text))]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("{{ outputs['a-b'].value }}", [("outputs", "a-b", "value")]),
        ("{{ inputs.list[0].x }}", [("inputs", "list", "0", "x")]),
        ("{{ vars[inputs.k].z }}", [("vars",), ("inputs", "k")]),
        ("{{ secret('DB') ~ kv(key='K') ~ read(vars.f) }}",
         [("secret", "DB"), ("kv", "K"), ("read",), ("vars", "f")]),
        ("{% for x in vars.l %}{{ x.a }}{{ loop.index }}{{ y }}{% endfor %}", [("vars", "l"), ("y",)]),
        ("{% set a = inputs.b %}{{ a }}", [("inputs", "b")]),
        ("{% macro m(p) %}{{ p }}{{ q }}{% endmacro %}{{ m(1) }}", [("q",)]),
        ("{{ \"#{labels.team}\" }}{{ [a, {'k': b}] }}", [("labels", "team"), ("a",), ("b",)]),
        ("{{ outputs.t.list.size() }}", [("outputs", "t", "list")]),
        ("{% if a %}{% elseif b %}{% endif %}{% filter default(c) %}{% endfilter %}", [("a",), ("b",), ("c",)]),
        ("no braces", []),
    ],
)  # fmt: skip
def test_references(text: str, paths: list[tuple[str, ...]]) -> None:
    assert found(text) == paths


def test_a_reference_knows_its_place_and_whether_undefined_does_harm() -> None:
    text = "x\n {{ inputs.a ?? inputs.b }}{{ c | default(1) }}{{ d is defined }}{{ vars[e] }}"
    assert references(compile_template(text)) == (
        Reference("variable", ("inputs", "a"), 2, 5, guarded=True),
        Reference("variable", ("inputs", "b"), 2, 17),
        Reference("variable", ("c",), 2, 31, guarded=True),
        Reference("variable", ("d",), 2, 51, guarded=True),
        Reference("variable", ("vars",), 2, 69),
        Reference("variable", ("e",), 2, 74),
    )


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{{ inputs.name | upper }}", []),
        ("plain", []),
        ("{{ inputs.name", ["F351"]),
        ("{{ 'a' | uper | lowr }}{{ nope() }}{{ 1 is evn }}", ["F352", "F352", "F352", "F352"]),
        ("{% filter shout %}a{% endfilter %}", ["F352"]),
        ("{% macro shout() %}{% endmacro %}{{ shout() }}", []),
        ("{{ outputs.transform-data.rows }}", ["F353"]),
        ("{{ outputs.a - 1 }}", []),
        ("{{ taskRun.id }}{{ taskRun ?? 1 }}", ["F353"]),
        ("{{ execution.state.message }}{{ error.message }}", ["F353", "F353"]),
    ],
)
def test_problems(text: str, codes: list[str]) -> None:
    assert [problem.code for problem in problems(text)] == codes


def test_problems_depend_on_the_dialect() -> None:
    assert problems("{{ [1] | json }}", "1.3") == []
    (problem,) = problems("{{ [1] | json }}", "2.0")
    assert (problem.line, problem.column, problem.hint) == (1, 10, "write `toJson`")


PIECES = [
    "{{ inputs.day }}",
    "{{ secret('DB') ~ vars[\"a-b\"] }}",
    "{{ {'a': x} }}",
    "{{ '}}' }}",
    "{{ f(a)[b] | g }}",
    "{{- x -}}",
    '{{ "#{inner}" }}',
    "{{ 'it\\'s' }}",
    "{{ (a }}",
    "{{ outputs['a']\n.b }}",
    "{# {{ c }} #}",
    "{% set b = 1 %}{{ b }}",
    "{% raw %}{{ r }}{% endraw %}",
    *("{{ a", "{{", "}}", "{", "}", "\n", "words", "é", "'", '"'),
]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_names_are_those_of_the_whole_text(text: str) -> None:
    try:
        whole = references(compile_template(text))
    except ExpressionError as error:
        if error.code == "F351":
            with pytest.raises(ExpressionError) as found:
                names_in(text)
            assert str(found.value) == str(error)
    else:
        assert names_in(text) == whole
