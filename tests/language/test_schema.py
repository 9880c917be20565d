"""The schema that is made from the catalogue is a schema, and agrees with validation on recorded flows."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from flowctl.flowtext.document import parse
from flowctl.language.schema import flow_schema, outputs_schema, type_schema
from flowctl.language.types import all_types, find_type
from flowctl.model.environment import Dialect
from tests.language.recorded import DIALECTS, load


@pytest.mark.parametrize("dialect", ["lenient", *DIALECTS])
def test_it_is_a_schema_whose_references_are_there(dialect: Dialect) -> None:
    schema = flow_schema(dialect)
    Draft7Validator.check_schema(schema)
    text = repr(schema)
    definitions = schema["definitions"]
    assert isinstance(definitions, dict)
    for part in text.split("'#/definitions/")[1:]:
        assert part.partition("'")[0] in definitions


@pytest.mark.parametrize("area", ["flowables", "failures", "scripts", "flow", "inputs"])
def test_valid_flows_fit_it(area: str) -> None:
    """All but the one that leaves a required property to its plugin defaults."""
    checker = Draft7Validator(flow_schema("2.0"))
    misfits = []
    for name, recorded in load("verdicts-2.0.json")[area].items():
        if (
            recorded["valid"]
            and "pluginDefaults" not in recorded["source"]
            and not checker.is_valid(parse(recorded["source"]).value)
        ):
            misfits.append((name, next(checker.iter_errors(parse(recorded["source"]).value)).message[:200]))
    assert misfits == []


def test_an_unknown_property_does_not_fit() -> None:
    flow = {"id": "a", "namespace": "n", "colour": 1, "tasks": []}
    assert not Draft7Validator(flow_schema()).is_valid(flow)


def test_one_type() -> None:
    found = find_type("io.kestra.plugin.core.log.Log")
    assert found is not None
    schema = type_schema(found.spec)
    assert schema["required"] == ["id", "type", "message"]
    assert schema["title"] == "Write lines to the log."
    Draft7Validator(schema).validate({"id": "a", "type": "io.kestra.plugin.core.log.Log", "message": ["x"]})


def test_every_type_has_schemas() -> None:
    for spec in all_types():
        Draft7Validator.check_schema(type_schema(spec))
        Draft7Validator.check_schema(outputs_schema(spec))
