"""Edge cases of the language, one line each; what they print was compared with Pebble 4.1.2 on Java 25."""

from __future__ import annotations

import pytest

from flowctl.language.expressions.environment import Environment, Limits
from flowctl.language.expressions.errors import LimitError
from tests.language.expressions.render import failure, render

CONTEXT: dict[str, object] = {"s": "hello", "i": 7, "l": ["c", "a", "b"], "n": None}
F = "{% macro f(a, b='d') %}{{ a }}{{ b }}{% endmacro %}"


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        (r"{{ 'a\\' }}", r"a\\"),
        (r"{{ 'a\\'~'b' }}", r"a\\b"),
        (r"{{ 'a\\\'b' }}", r"a\\'b"),
        (r'{{ "a\\" }}', r"a\\"),
        (r'{{ "a\\\"b" }}', r"a\\" + '"b'),
        (r'{{ "a \#{s} b" }}', r"a \#{s} b"),
        (r'{{ "a\\#{s}" }}', r"a\\hello"),
        (r'{{ "\#{s}#{s}" }}', r"\#{s}hello"),
        (r'{{ "#{s}\"x" }}', r"hello\"x"),
        (r'{{ "#{s}\\" }}', r"hello\\"),
        ("{% verbatim %}\n\n{{ x }}\n{% endverbatim %}\nb", "{{ x }}\n\nb"),
        ("{% verbatim %}\r\na{% endverbatim %}", "a"),
        ("{% verbatim -%}  \n a \n {%- endverbatim -%} \n b", "ab"),
    ],
)
def test_texts_and_verbatim(template: str, printed: str) -> None:
    assert render(template, CONTEXT) == printed


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        (F + "{{ f(1) }}{{ f(b=3, a=4) }}{{ f() }}", "1d43d"),
        ("{% macro f(a='x', b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f('q') }}", "qx"),
        ("{% macro f(a, b=a) %}{{ b }}{% endmacro %}{{ f(1) }}|", "|"),
        ("{% macro max(a, b) %}M{% endmacro %}{{ max(1, 2) }}", "2"),
        ("{% for x in [1, 2] %}{% set s = x %}{% endfor %}{{ s }}", "2"),
        ("{% for x in [1, 2] %}{% set z = x %}{% endfor %}{{ z ?? 'gone' }}", "gone"),
        ("{% set s = 1 %}{% for x in l %}{% set s = s + 1 %}{% endfor %}{{ s }}", "4"),
        ("{% set NULL = 1 %}{{ NULL is null }}", "true"),
    ],
)
def test_macros_and_variables(template: str, printed: str) -> None:
    assert render(template, CONTEXT) == printed


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (F + "{{ f(c=3) }}", "The following named argument does not exist: c"),
        ("{% macro f(a=1/0) %}{{ a }}{% endmacro %}{{ f('q') }}", "Could not perform division"),
        ("{% set null = 1 %}", "Can not assign a value to null"),
        ("{% for true in l %}{% endfor %}", "Can not assign a value to true"),
        ("{{ 'abc' | slice(3, 3) }}", "toIndex must be greater than fromIndex"),
        ("{{ '' | slice(0, 0) }}", "toIndex must be greater than fromIndex"),
        ("{{ l | join(1) }}", "The argument 'separator' has to be a text."),
        ("{{ 12 | nl2br }}", "The 'nl2br' filter takes a text. Actual type was: java.lang.Long"),
        ("{{ 'a,b' | split(',') | reverse }}", "The 'reverse' filter takes a list, not an array"),
        ("{{ max(1, 'a') }}", "The 'max' function takes numbers, not a text"),
        ("{{ '9223372036854775808' * 1 }}", "Could not perform multiplication"),
        ("{{ '1.5.2' * 1 }}", "Could not perform multiplication"),
        ("{{ 5 | numberFormat('0;-0;x') }}", 'Unquoted special character ";" in pattern "0;-0;x"'),
        ("{{ 5 | numberFormat('0,') }}", 'Malformed pattern "0,"'),
        ("{{ '%-d' | format(1) }}", "MissingFormatWidth: '%-d'"),
        ("{{ '%05s' | format('a') }}", "FormatFlagsConversionMismatch: Conversion = s, Flags = 0"),
    ],
)
def test_errors(template: str, message: str) -> None:
    assert failure(template, CONTEXT).message == message


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ '1e2' * 1 }} {{ '.5' * 1 }} {{ '5.' * 1 }} {{ ' 1.5 ' * 1 }} {{ '1.5f' * 1 }}", "100.0 0.5 5.0 1.5 1.5"),
        ("{{ '1e400' * 1 }} {{ -'1e-2' }} {{ +'1E2' }}", "Infinity -0.01 100.0"),
        ("{{ '9223372036854775807' * 1 }}", "9223372036854775807"),
        (
            "{{ range(1.5, 3.9) }} {{ 1.5..3 }} {{ range(1, 3, null) }} {{ range(1, 3, 1.5) }}",
            "[1,2,3] " * 3 + "[1,2,3]",
        ),
        ("{{ max('a') }} {{ min([1]) }} {{ max(null, 1) }} {{ max(a=1) }}|", "a [1] 1 |"),
    ],
)
def test_numbers(template: str, printed: str) -> None:
    assert render(template, CONTEXT) == printed


@pytest.mark.parametrize(
    ("pattern", "value", "printed"),
    [
        ("0.", "5", "5."),
        ("#.", "5.2", "5."),
        ("0;", "-5", "-5"),
        ("0;0", "-5", "-5"),
        ("0;(0)", "-5", "(5)"),
        ("0 'it''s'", "5", "5 it's"),
        ("'a''b'0", "5", "a'b5"),
        ("''0''", "5", "'5'"),
        ("##0.##E0", "12345", "12.345E3"),
        ("##0.##E0", "0.00012345", "123.45E-6"),
        ("##0.#E0", "99999", "100E3"),
        ("#0.##E0", "12345", "1.234E4"),
        ("##E0", "12345", "1.2E4"),
        ("00.###E0", "0.00123", "12.3E-4"),
        ("000E0", "0", "000E0"),
        ("0.0E0", "99.99", "1.0E2"),
        ("0.##E00", "0.00012345", "1.23E-04"),
        ("0%", "0.995", "100%"),
        ("0.0%", "0.256", "25.6%"),
    ],
)
def test_number_formats(pattern: str, value: str, printed: str) -> None:
    quoted = pattern.replace("'", "\\'")
    assert render(f"{{{{ {value} | numberFormat('{quoted}') }}}}") == printed


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        (
            "{{ '😀a' | length }} {{ '😀a' | slice(2) }} {{ '😀a' | slice(0, 1) }} {{ '😀😀' | abbreviate(3) }}",
            "3 a ? 😀?",
        ),
        ("{{ 'ßtraße' | capitalize }} {{ 'ŉx' | title }} {{ 'ǆx' | capitalize }}", "ßtraße ŉx ǅx"),
        ("{{ 'abc' | slice(3) }}|{{ [1] | slice(1) }}{{ [1, 2] | slice(n, n) }}", "|[][1,2]"),
        ("{{ [[1]] | sort }} {{ [null] | rsort }}", "[[1]] [null]"),
        ("{{ 'abc' | split('', -1) }} {{ 'abc' | split('', 2) }}", '["a","b","c",""] ["a","bc"]'),
        ("{{ '/w==' | base64decode }}", "\ufffd"),
        ("{{ '%.1f %.1f' | format(0.25, 0.35) }} {{ 12 | format }}", "0.3 0.4 12"),
    ],
)
def test_filters(template: str, printed: str) -> None:
    assert render(template, CONTEXT) == printed


@pytest.mark.parametrize("quote", ["'", '"'])
def test_an_unclosed_text_is_refused_at_once(quote: str) -> None:
    assert "Unclosed text" in failure("{{ " + quote + "a\\" * 50_000 + " }}").message


def test_endless_ranges_of_any_number_are_bounded() -> None:
    environment = Environment(limits=Limits(items=100))
    for template in ("{{ range(0.5, 1000000.5) }}", "{{ 1..1000000000000 }}"):
        assert isinstance(failure(template, {}, environment), LimitError)
