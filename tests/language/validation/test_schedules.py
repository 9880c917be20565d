"""F340: what a Schedule has to give, for nobody else is there to give it."""

from __future__ import annotations

import pytest

from flowctl.language.validation.check import check_flow
from flowctl.model.environment import Dialect


def lacking(inputs: list[dict[str, object]], given: object, dialect: Dialect = "2.0") -> list[tuple[str, str]]:
    """Severity and message of each F340."""
    trigger = {"id": "daily", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "0 5 * * *", "inputs": given}
    task = {"id": "say", "type": "io.kestra.plugin.core.log.Log", "message": "m"}
    flow = {"id": "f", "namespace": "n", "inputs": inputs, "triggers": [trigger], "tasks": [task]}
    found = check_flow(flow, strict_types=True, dialect=dialect)
    return [(one.severity, one.message) for one in found if one.code == "F340"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"day": "x", "box.size": 1}, []),
        ({"day": "x", "box": {"size": 1}}, []),
        ({"day": "x"}, ["box.size"]),
        ({"day": "x", "box": {}}, ["box.size"]),
        ({"day": "x", "box": 1}, ["box.size"]),
        ({}, ["day", "box.size"]),
        (None, ["day", "box.size"]),
    ],
)
def test_every_input_without_a_default_is_given(given: object, missing: list[str]) -> None:
    inputs: list[dict[str, object]] = [
        {"id": "day", "type": "STRING"},
        {"id": "box.size", "type": "INT"},
        {"id": "free", "type": "STRING", "defaults": "x"},
    ]
    text = f"Missing inputs for Schedule Trigger 'daily', missing inputs: '{' | '.join(missing)}'"
    assert lacking(inputs, given) == ([("error", text)] if missing else [])
    assert [severity for severity, _ in lacking(inputs, given, "lenient")] == ["warning"] * bool(missing)
    assert lacking(inputs, given, "1.3") == []
