"""JSON Schemas of inputs."""

from __future__ import annotations

import socket

import pytest

from flowctl.language.inputs.jsonschemas import UnusableSchema, misfits


def test_a_value_that_fits() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert misfits(schema, {"a": 1}) == []


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "object", "required": ["a"]}, {}, ["$: 'a' is a required property"]),
        ({"properties": {"a": {"type": "integer"}}}, {"a": "x"}, ["$.a: 'x' is not of type 'integer'"]),
        ({"pattern": "^[A-Z]+$"}, "abc", ["$: 'abc' does not match '^[A-Z]+$'"]),
        ({"patternProperties": {"^x": {"type": "null"}}}, {"xa": 1, "b": 2}, ["$.xa: 1 is not of type 'null'"]),
        (
            {"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False},
            {"a": 1, "xb": 1, "c": 1},
            ["$: Additional properties are not allowed: 'c'"],
        ),
        ({"additionalProperties": {"type": "null"}}, {"a": 1}, ["$.a: 1 is not of type 'null'"]),
        (False, 1, ["$: False schema does not allow 1"]),
    ],
)
def test_a_value_that_does_not(schema: object, value: object, said: list[str]) -> None:
    assert misfits(schema, value) == said


def test_no_reference_leaves_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *where, **_: asked.append(where))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *where, **_: asked.append(where) or [])
    with pytest.raises(UnusableSchema):
        misfits({"$ref": "http://example.com/schema.json"}, 1)
    with pytest.raises(UnusableSchema):
        misfits({"$ref": "file:///etc/hostname"}, 1)
    assert asked == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "nothing"}, 1),
        ({"pattern": "["}, "x"),
        ({"pattern": "^(a|aa)+$"}, "a" * 60 + "b"),
        ({"patternProperties": {"^(a|aa)+$": {}}}, {"a" * 60 + "b": 1}),
        ({"$ref": "#"}, 1),
    ],
)
def test_a_schema_that_cannot_be_used(schema: object, value: object) -> None:
    with pytest.raises(UnusableSchema):
        misfits(schema, value)
