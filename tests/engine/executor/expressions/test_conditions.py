"""Conditions that look at the calendar."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.expressions.conditions import holds
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.language.expressions.environment import Environment

HOLIDAY = "io.kestra.plugin.core.condition.PublicHoliday"


def held(due: str, **more: str) -> bool:
    renderer = Renderer({"trigger": {"date": due}}, Environment())
    return holds({"type": HOLIDAY, **more}, renderer, {})


@pytest.mark.parametrize(
    ("date", "country", "division", "expected"),
    [
        ("2024-07-14T09:00:00Z", "FR", None, True),
        ("2024-07-15T09:00:00Z", "FR", None, False),
        ("2024-07-04T09:00:00-04:00", "US", None, True),
        ("2024-08-15T09:00:00Z", "DE", "SL", True),
        ("2024-08-15T09:00:00Z", "DE", "BE", False),
    ],
)
def test_public_holidays(date: str, country: str, division: str | None, expected: bool) -> None:
    assert held(date, country=country, **({"subDivision": division} if division else {})) is expected
    text = f"{{{{ isPublicHoliday('{date}', '{country}'" + (f", '{division}'" if division else "") + ") }}"
    assert Renderer({}, Environment()).truthy(text) is expected


def test_a_date_may_be_named() -> None:
    assert held("2024-01-02T00:00:00Z", country="FR", date="2024-12-25T00:00:00Z")


def test_a_country_is_needed_and_must_be_known() -> None:
    with pytest.raises(ExpressionError, match="country"):
        held("2024-01-01T00:00:00Z")
    with pytest.raises(ExpressionError, match="ZZ"):
        held("2024-01-01T00:00:00Z", country="ZZ")
