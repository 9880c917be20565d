from __future__ import annotations

import pytest

from tests.language.expressions.render import failure, render


@pytest.mark.parametrize(
    ("value", "pattern", "printed"),
    [
        (0.5, "#.##", "0.5"),
        (0.5, ".##", ".5"),
        (0.5, "#.00", ".50"),
        (0, "#", "0"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1e10, "#,##0", "10,000,000,000"),
        (0.1, "#.####################", "0.1"),
        (1.005, "0.00", "1.00"),
        (-5, "0;(0)", "(5)"),
        (-0.4, "0", "-0"),
        (12345, "##0.##E0", "12.345E3"),
        (0.00012345, "0.###E0", "1.234E-4"),
        (9.999, "0.#E0", "1E1"),
        (0.256, "0.0%", "25.6%"),
        (5, "00.0 'x'", "05.0 x"),
        (float("nan"), "0", "NaN"),
        (float("-inf"), "0", "-∞"),
        (2**80, "#,##0", "1,208,925,819,614,629,174,706,176"),
        (0, "0.##E0", "0E0"),
    ],
)
def test_number_format(value: float, pattern: str, printed: str) -> None:
    assert render("{{ v | numberFormat(p) }}", {"v": value, "p": pattern}) == printed


@pytest.mark.parametrize("pattern", ["0#", "0.#0", "#.#.#", "0E", "0x0"])
def test_malformed_number_pattern(pattern: str) -> None:
    assert failure("{{ 1 | numberFormat(p) }}", {"p": pattern}).code == "F355"


@pytest.mark.parametrize(
    ("pattern", "value", "printed"),
    [
        ("%5s|%-5s|%.2s", "abc", None),
        ("%d", 12, "12"),
        ("%+d", 5, "+5"),
        ("%(d", -5, "(5)"),
        ("%,d", 1234567, "1,234,567"),
        ("%08.3f", 3.14159, "0003.142"),
        ("%e", 12345.678, "1.234568e+04"),
        ("%g", 0.00001, "1.00000e-05"),
        ("%x", -1, "ffffffff"),
        ("%X", 255, "FF"),
        ("%#x", 255, "0xff"),
        ("%o", 8, "10"),
        ("%c", "z", "z"),
        ("%b", None, "false"),
        ("%s %<s", "a", "a a"),
        ("%n%%", 1, "\n%"),
        ("%S", "abc", "ABC"),
        ("%.0f", 2.5, "3"),
    ],
)
def test_java_format(pattern: str, value: object, printed: str | None) -> None:
    if printed is None:
        assert render("{{ p | format(v, v, v) }}", {"p": pattern, "v": value}) == "  abc|abc  |ab"
    else:
        assert render("{{ p | format(v) }}", {"p": pattern, "v": value}) == printed


@pytest.mark.parametrize("pattern", ["%", "%q", "%d", "%3$s", "%f"])
def test_java_format_that_does_not_fit(pattern: str) -> None:
    assert failure("{{ p | format('a') }}", {"p": pattern}).code == "F355"


@pytest.mark.parametrize(
    ("text", "kind", "printed"),
    [
        ("12", "java.lang.Integer", "12"),
        ("1e3", "java.lang.Float", "1000.0"),
        ("0x1F", "java.lang.Integer", "31"),
        ("1.23456789", "java.lang.Double", "1.23456789"),
        ("1.2345678901234567890", "java.math.BigDecimal", "1.2345678901234567890"),
        ("12L", "java.lang.Long", "12"),
        ("3000000000", "java.lang.Long", "3000000000"),
        ("1.5f", "java.lang.Float", "1.5"),
    ],
)
def test_number_picks_the_narrowest_type(text: str, kind: str, printed: str) -> None:
    assert render("{{ t | number | className }} {{ t | number }}", {"t": text}) == f"{kind} {printed}"
