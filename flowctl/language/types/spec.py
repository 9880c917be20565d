"""What a type of the flow language is: its properties, outputs and children. Data, no behaviour of a task.

Plugins describe themselves with the same nouns (see docs/plugins.md), and JSON Schema, validation, documentation and
the list of `GET /plugins` are all made from them.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Literal

from flowctl.model.environment import Dialect

Kind = Literal["task", "trigger", "condition", "runner", "input", "retry", "sla", "flow"]
ChildShape = Literal["list", "cases", "dag", "single"]
ValueType = Literal[
    "string",
    "integer",
    "number",
    "boolean",
    "duration",
    "timestamp",
    "enum",
    "list",
    "map",
    "any",
    "object",
    "labels",
    "tasks",
    "task",
    "dag",
    "cases",
    "inputs",
    "outputs",
    "triggers",
    "conditions",
    "runner",
    "retry",
    "sla",
]
BOTH: tuple[Dialect, ...] = ("1.3", "2.0")


@dataclass(frozen=True, slots=True)
class PropertySpec:
    """One property.

    `dynamic` properties are rendered when the task starts and not looked at when a flow is saved, structural ones
    are checked then. A `scalar` one is rendered too, but a list or map in its place is refused at once. `items`
    describes the elements of a list or the values of a map, `fields` the members of an object. `aliases` are older
    names that mean the same, `deprecated` says what to write instead. `dialects` are the servers that know the
    property; with none of them only a lenient server does.
    """

    type: ValueType
    required: bool = False
    dynamic: bool = False
    scalar: bool = False
    default: object = None
    enum: tuple[str, ...] = ()
    items: PropertySpec | None = None
    fields: Mapping[str, PropertySpec] = field(default_factory=dict)
    minimum: float | None = None
    max_length: int | None = None
    pattern: str = ""
    description: str = ""
    aliases: tuple[str, ...] = ()
    deprecated: str = ""
    dialects: tuple[Dialect, ...] = BOTH
    empty_message: str = ""

    def known_to(self, dialect: Dialect) -> bool:
        """Whether a server of this dialect knows the property."""
        return dialect == "lenient" or dialect in self.dialects


@dataclass(frozen=True)
class TypeSpec:
    """One type. `name` is the canonical one, `aliases` resolve to it with a deprecation.

    `children` names the properties that hold tasks and how. `runnable` False: known to exist, not run by the bundled
    server. `open` True: the list of properties is not complete, unknown ones are no finding. `deprecated` says what to
    write instead of what is gone in 2.0; a 1.3 server warns of it when it is in `language.legacy.types13`.
    """

    name: str
    kind: Kind
    properties: Mapping[str, PropertySpec]
    outputs: Mapping[str, PropertySpec] = field(default_factory=dict)
    children: Mapping[str, ChildShape] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    dialects: tuple[Dialect, ...] = BOTH
    title: str = ""
    runnable: bool = True
    flowable: bool = False
    open: bool = False
    deprecated: str = ""

    def known_to(self, dialect: Dialect) -> bool:
        """Whether a server of this dialect knows the type."""
        return dialect == "lenient" or dialect in self.dialects

    def shape(self, dialect: Dialect) -> Shape:
        """The properties of one dialect, ready for checking."""
        return shape_of(self.properties, dialect)


@dataclass(frozen=True, slots=True)
class Shape:
    """Properties of one dialect, and the names of those that must be there."""

    properties: Mapping[str, PropertySpec]
    required: tuple[str, ...]

    def without(self, required: Container[str]) -> Shape:
        """The same properties, with some of them no longer required."""
        left = tuple(name for name in self.required if name not in required)
        return Shape(self.properties, left)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What `find_type` found. `deprecated_alias` is the name that was asked for, when it is an old one."""

    spec: TypeSpec
    canonical: str
    deprecated_alias: str | None = None


_SHAPES: dict[tuple[int, Dialect], tuple[Mapping[str, PropertySpec], Shape]] = {}


def shape_of(properties: Mapping[str, PropertySpec], dialect: Dialect) -> Shape:
    """The part of some properties that a dialect knows; remembered, as the tables of types never change."""
    key = (id(properties), dialect)
    held = _SHAPES.get(key)
    if held is None or held[0] is not properties:
        known = {name: spec for name, spec in properties.items() if spec.known_to(dialect)}
        required = tuple(name for name, spec in known.items() if spec.required)
        held = properties, Shape(known, required)
        _SHAPES[key] = held
    return held[1]
