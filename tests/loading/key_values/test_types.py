"""Types of key-values and what fits them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.loading.key_values.types import infer, misfit, misfit_ttl, read_variable
from flowctl.model.project import KvType

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(json_values.filter(lambda value: value is not None))
def test_every_value_fits_the_type_that_is_inferred(value: object) -> None:
    assert misfit(infer(value), value) == ""


@given(json_values)
def test_a_json_variable_is_the_value_it_spells(value: object) -> None:
    assert read_variable("JSON", json.dumps(value)) == value


@given(st.datetimes(), st.integers(-14, 14))
def test_every_moment_with_an_offset_is_a_datetime(moment: datetime, hours: int) -> None:
    text = moment.replace(tzinfo=timezone(timedelta(hours=hours))).isoformat()
    assert misfit("DATETIME", text) == ""
    assert misfit("DATE", text[:10]) == ""


@pytest.mark.parametrize("text", ["PT5M", "P1D", "P1DT2H3M4.5S", "PT0.001S", "PT36H"])
def test_durations(text: str) -> None:
    assert misfit("DURATION", text) == ""
    assert misfit_ttl(text) == ""


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "5m", "P1Y", "PT5", "pt5m", "1 day"])
def test_what_is_no_duration(text: str) -> None:
    assert misfit("DURATION", text)
    assert misfit_ttl(text)


@pytest.mark.parametrize("ttl", ["PT0S", "-PT5M", "P0D", 60, None, ["PT5M"]])
def test_what_is_no_time_to_live(ttl: object) -> None:
    assert misfit_ttl(ttl)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("NUMBER", "ten"),
        ("NUMBER", "true"),
        ("NUMBER", "NaN"),
        ("NUMBER", "1e999"),
        ("BOOLEAN", "yes"),
        ("BOOLEAN", "1"),
        ("JSON", "{a: 1}"),
        ("JSON", "[" * 100_000),
        ("DATE", "today"),
        ("DATETIME", "2024-01-01"),
        ("DURATION", "5m"),
    ],
)
def test_a_variable_that_does_not_fit_is_refused_without_its_text(kind: KvType, text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a "):
        read_variable(kind, text)


@pytest.mark.parametrize("text", ["PT5M", "p1dt2h", "-PT1.5S", "P2D"])
def test_a_text_that_servers_store_as_a_duration_is_one(text: str) -> None:
    assert infer(text) == "DURATION"
    assert "type: DURATION" in misfit("STRING", text)


@pytest.mark.parametrize("text", ["P", "PT", "5M", "Product", ""])
def test_other_texts_are_texts(text: str) -> None:
    assert infer(text) == "STRING"
    assert misfit("STRING", text) == ""
