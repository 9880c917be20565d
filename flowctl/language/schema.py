"""JSON Schema (draft 7) of one type and of a whole flow, made from the catalogue: for editors and servers.

Where a server looks at a value when a flow is saved the schema does too; a dynamic property may always be an
expression, so its schema allows text besides its own type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowctl.language.types import Kind, PropertySpec, TypeSpec, all_types, shape_of
from flowctl.language.types.flow import FLOW, OUTPUT, RETRIES, SLAS
from flowctl.language.types.inputs import TYPES as INPUTS
from flowctl.model.environment import Dialect

Schema = dict[str, object]

DRAFT = "http://json-schema.org/draft-07/schema#"
FLOW_NAME = "io.kestra.core.models.flows.Flow"
_REF = "#/definitions/"
_ONE_OF: Mapping[str, str] = {
    "task": "tasks",
    "runner": "runners",
    "retry": "retries",
}
_LISTS: Mapping[str, str] = {
    "tasks": "tasks",
    "triggers": "triggers",
    "conditions": "conditions",
    "inputs": "inputs",
    "outputs": "outputs",
    "sla": "slas",
}
_SCALARS: Mapping[str, Schema] = {
    "string": {"type": ["string", "number", "boolean"]},
    "boolean": {"type": ["boolean", "string"]},
    "integer": {"type": ["integer", "string"]},
    "number": {"type": ["number", "string"]},
    "duration": {"type": "string", "format": "duration"},
    "timestamp": {"type": "string"},
    "any": {},
}


def flow_schema(dialect: Dialect = "lenient") -> Schema:
    """The schema of a flow with the definitions of every type that the dialect knows."""
    definitions: dict[str, Schema] = {FLOW_NAME: members_schema(FLOW.properties, dialect)}
    groups: tuple[tuple[str, Iterable[TypeSpec]], ...] = (
        ("tasks", _known("task", dialect)),
        ("triggers", _known("trigger", dialect)),
        ("conditions", _known("condition", dialect)),
        ("runners", _known("runner", dialect)),
        ("inputs", [spec for spec in INPUTS if spec.known_to(dialect)]),
        ("retries", RETRIES),
        ("slas", SLAS),
    )
    for group, specs in groups:
        names = []
        for spec in specs:
            names.append(_definition_name(group, spec))
            definitions[names[-1]] = type_schema(spec, dialect)
        definitions[group] = {"anyOf": [{"$ref": _REF + name} for name in names]} if names else {"not": {}}
    definitions["outputs"] = members_schema(OUTPUT, dialect)
    definitions["dag"] = {
        "type": "object",
        "properties": {"task": {"$ref": _REF + "tasks"}, "dependsOn": {"type": "array", "items": {"type": "string"}}},
        "required": ["task"],
    }
    return {"$schema": DRAFT, "$ref": _REF + FLOW_NAME, "definitions": definitions}


def type_schema(spec: TypeSpec, dialect: Dialect = "lenient") -> Schema:
    """The schema of one type: its title, properties, what is required, and its name (old ones too) as `type`."""
    schema = members_schema(spec.properties, dialect, open_=spec.open)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    properties["type"] = {"enum": [spec.name, *spec.aliases]} if spec.aliases else {"const": spec.name}
    if spec.title:
        schema["title"] = spec.title
    if spec.deprecated:
        schema["$deprecated"] = True
        schema["description"] = f"Use {spec.deprecated}."
    return schema


def outputs_schema(spec: TypeSpec, dialect: Dialect = "lenient") -> Schema:
    """The schema of what a type gives back."""
    return members_schema(spec.outputs, dialect)


def members_schema(properties: Mapping[str, PropertySpec], dialect: Dialect, *, open_: bool = False) -> Schema:
    """The schema of a map with known members."""
    shape = shape_of(properties, dialect)
    schema: Schema = {
        "type": "object",
        "properties": {name: property_schema(spec, dialect) for name, spec in shape.properties.items()},
        "additionalProperties": open_,
    }
    if shape.required:
        schema["required"] = list(shape.required)
    return schema


def property_schema(spec: PropertySpec, dialect: Dialect) -> Schema:
    """The schema of one property."""
    schema = _value_schema(spec, dialect)
    if spec.dynamic:
        schema = _or_text(schema)
        schema["$dynamic"] = True
    if spec.description:
        schema["description"] = spec.description
    if spec.default is not None:
        schema["default"] = spec.default
    if spec.deprecated:
        schema["$deprecated"] = True
    if spec.minimum is not None:
        schema["minimum"] = spec.minimum
    if spec.pattern:
        schema["pattern"] = spec.pattern
    if spec.max_length is not None:
        schema["maxLength"] = spec.max_length
    return schema


def _value_schema(spec: PropertySpec, dialect: Dialect) -> Schema:
    if spec.type in _SCALARS:
        return dict(_SCALARS[spec.type])
    if spec.type == "enum":
        return {"enum": list(spec.enum)}
    if spec.type in _ONE_OF:
        return {"$ref": _REF + _ONE_OF[spec.type]}
    if spec.type in _LISTS:
        return {"type": "array", "items": {"$ref": _REF + _LISTS[spec.type]}}
    if spec.type == "object":
        return members_schema(spec.fields, dialect)
    return _collection(spec, dialect)


def _collection(spec: PropertySpec, dialect: Dialect) -> Schema:
    inner: Schema = property_schema(spec.items, dialect) if spec.items is not None else {}
    if spec.type == "list":
        return {"type": "array", "items": inner}
    if spec.type == "dag":
        return {"type": "array", "items": {"$ref": _REF + "dag"}}
    if spec.type == "cases":
        tasks: Schema = {"type": "array", "items": {"$ref": _REF + "tasks"}}
        return {"type": "object", "additionalProperties": tasks}
    if spec.type == "labels":
        pair: Schema = {"type": "object", "properties": {"key": {"type": "string"}, "value": {}}, "required": ["key"]}
        return {"anyOf": [{"type": "object"}, {"type": "array", "items": pair}]}
    return {"type": "object", "additionalProperties": inner or True}


def _or_text(schema: Schema) -> Schema:
    """The schema of a value that may be an expression instead."""
    if not schema or schema.get("type") == "string":
        return dict(schema)
    kinds = schema.get("type")
    if isinstance(kinds, list) and "string" in kinds:
        return dict(schema)
    return {"anyOf": [schema, {"type": "string"}]}


def _definition_name(group: str, spec: TypeSpec) -> str:
    return spec.name if "." in spec.name else f"{group}.{spec.name}"


def _known(kind: Kind, dialect: Dialect) -> list[TypeSpec]:
    return [spec for spec in all_types(kind) if spec.known_to(dialect)]
