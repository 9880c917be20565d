from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.language.expressions.java.printing import plain
from flowctl.language.expressions.java.scalars import float_text
from flowctl.language.expressions.template import compile_template
from flowctl.language.expressions.values import Float, Instant, JavaSet, Long, MapEntry, class_name
from tests.language.expressions.render import render

OFFSET = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Instant(1714557600), "2024-05-01T10:00:00Z"),
        (Instant(1714557600, 120_000_000), "2024-05-01T10:00:00.120Z"),
        (Instant(0, 1), "1970-01-01T00:00:00.000000001Z"),
        (datetime(2013, 9, 8, 16, 19, tzinfo=OFFSET), "2013-09-08T16:19+02:00"),
        (datetime(2013, 9, 8, 16, 19, 1, 500000, tzinfo=UTC), "2013-09-08T16:19:01.500Z"),
        (datetime(2013, 9, 8), "2013-09-08T00:00"),
        (date(2024, 2, 29), "2024-02-29"),
        (time(9, 5), "09:05"),
        (timedelta(hours=25, seconds=1.5), "PT25H1.5S"),
        (timedelta(), "PT0S"),
        (timedelta(minutes=-5), "PT-5M"),
        (Decimal("12.30"), "12.30"),
        (2**70, "1180591620717411303424"),
        ({"a": [None, {"b": None}]}, '{"a":[null,{}]}'),
        (["\x1f", "é\n", "/"], '["\\u001F","é\\n","/"]'),
        ([float("inf"), 1e7], '["Infinity",1.0E7]'),
        (MapEntry("k", 1), "k=1"),
        ([MapEntry("k", 1)], '[{"k":1}]'),
        (JavaSet(("a", "b")), '["a","b"]'),
        ({"at": Instant(0)}, '{"at":"1970-01-01T00:00:00Z"}'),
        (True, "true"),
    ],
)
def test_value_prints(value: object, printed: str) -> None:
    assert render("{{ x }}", {"x": value}) == printed


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (5, "java.lang.Integer"),
        (2**31, "java.lang.Long"),
        (2**63, "java.math.BigInteger"),
        (Long(5), "java.lang.Long"),
        (1.5, "java.lang.Double"),
        (Float(1.5), "java.lang.Float"),
        ({}, "java.util.LinkedHashMap"),
        ([], "java.util.ArrayList"),
        (Instant(0), "java.time.Instant"),
        (datetime(2024, 1, 1), "java.time.LocalDateTime"),
        (datetime(2024, 1, 1, tzinfo=UTC), "java.time.ZonedDateTime"),
        (None, "null"),
    ],
)
def test_class_name(value: object, name: str) -> None:
    assert class_name(value) == name


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_double_reads_back_as_the_same_number(value: float) -> None:
    text = float_text(value)
    assert float(text) == value
    assert "." in text


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_printed_float_reads_back_as_the_same_number(value: float) -> None:
    assert Float(float_text(Float(value))) == value


def test_typed_rendering_keeps_the_type_of_a_single_expression() -> None:
    context = {"n": 5, "l": [1, {"a": None}], "s": "x"}
    assert compile_template("{{ n }}").evaluate(context) == 5
    assert compile_template("{{ n + 1 }}").evaluate(context) == 6
    assert type(compile_template("{{ n + 1 }}").evaluate(context)) is int
    assert compile_template("{{ l }}\n").evaluate(context) == [1, {"a": None}]
    assert compile_template("{% if true %}{{ l }}{% endif %}").evaluate(context) == [1, {"a": None}]
    assert compile_template("a{{ s }}b").evaluate(context) == "axb"
    assert compile_template("plain").evaluate(context) == "plain"
    assert compile_template("{{ null }}").evaluate(context) is None


def test_typed_rendering_refuses_a_value_beside_text() -> None:
    with pytest.raises(Exception, match="stands beside other output"):
        compile_template("a{{ n }}").evaluate({"n": 5})


def test_plain_is_python_alone() -> None:
    assert plain({"a": [Long(1), Float(1.1), JavaSet(("x",))], 5: MapEntry("k", None)}) == {
        "a": [1, 1.1, ["x"]],
        "5": {"k": None},
    }
