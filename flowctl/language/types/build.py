"""Short builders for property specifications, so that the tables of types read as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict, Unpack

from flowctl.language.types.spec import PropertySpec, ValueType
from flowctl.model.environment import Dialect

ONLY_1: tuple[Dialect, ...] = ("1.3",)
ONLY_2: tuple[Dialect, ...] = ("2.0",)
ANNOUNCED: tuple[Dialect, ...] = ()


class Plain(TypedDict, total=False):
    """What every builder takes, as in `PropertySpec`."""

    required: bool
    minimum: float
    max_length: int
    pattern: str
    aliases: tuple[str, ...]
    deprecated: str
    dialects: tuple[Dialect, ...]
    empty_message: str


class Options(Plain, total=False):
    """What all but the booleans take besides."""

    default: str | int | float | bool | None


def _spec(kind: ValueType, dynamic: bool, description: str, options: Options | Plain) -> PropertySpec:
    return replace(PropertySpec(kind, dynamic=dynamic, description=description), **options)


def text(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """Text that is rendered."""
    return _spec("string", True, description, options)


def line(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """Text that is rendered, and is one already when a flow is saved: no list, no map."""
    return replace(_spec("string", True, description, options), scalar=True)


def literal(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """Text that is taken as it stands."""
    return _spec("string", False, description, options)


def flag(default: bool | None = None, description: str = "", **options: Unpack[Plain]) -> PropertySpec:
    """A boolean that is taken as it stands."""
    return replace(_spec("boolean", False, description, options), default=default)


def switch(default: bool | None = None, description: str = "", **options: Unpack[Plain]) -> PropertySpec:
    """A boolean that may be an expression."""
    return replace(_spec("boolean", True, description, options), default=default)


def number(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A whole number that may be an expression."""
    return _spec("integer", True, description, options)


def count(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A whole number that is taken as it stands."""
    return _spec("integer", False, description, options)


def decimal(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A number that is taken as it stands."""
    return _spec("number", False, description, options)


def duration(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A duration (ISO-8601, or a number and a unit in words) that may be an expression."""
    return _spec("duration", True, description, options)


def span(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A duration that is taken as it stands."""
    return _spec("duration", False, description, options)


def moment(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A date and time that may be an expression."""
    return _spec("timestamp", True, description, options)


def choice(*words: str, description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """One of some words, taken as it stands."""
    return replace(_spec("enum", False, description, options), enum=words)


def option(*words: str, description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """One of some words, or an expression."""
    return replace(_spec("enum", True, description, options), enum=words)


def items(description: str = "", of: PropertySpec | None = None, **options: Unpack[Options]) -> PropertySpec:
    """A list that may be one expression; its elements are rendered."""
    return replace(_spec("list", True, description, options), items=of)


def sequence(description: str = "", of: PropertySpec | None = None, **options: Unpack[Options]) -> PropertySpec:
    """A list that is taken as it stands."""
    return replace(_spec("list", False, description, options), items=of)


def table(description: str = "", of: PropertySpec | None = None, **options: Unpack[Options]) -> PropertySpec:
    """A map that may be one expression; its values are rendered."""
    return replace(_spec("map", True, description, options), items=of)


def mapping(description: str = "", of: PropertySpec | None = None, **options: Unpack[Options]) -> PropertySpec:
    """A map whose values are free, taken as a map."""
    return replace(_spec("map", False, description, options), items=of)


def record(fields: Mapping[str, PropertySpec], description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A map with known members."""
    return replace(_spec("object", False, description, options), fields=fields)


def anything(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """Any value; text in it is rendered."""
    return _spec("any", True, description, options)


def data(description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """Any value, taken as it stands."""
    return _spec("any", False, description, options)


def part(kind: ValueType, description: str = "", **options: Unpack[Options]) -> PropertySpec:
    """A structural part of the language: tasks, inputs, a retry, a task runner, …"""
    return _spec(kind, False, description, options)
