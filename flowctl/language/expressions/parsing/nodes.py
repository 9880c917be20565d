"""The tree of a parsed template. `pos` is the offset of the token that the node begins with, or of its operator."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: text, Long, float, bool or None."""

    value: object
    pos: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str
    pos: int


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands between the parentheses of a call."""

    positional: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """`target.key`, `target[key]`, or with `arguments` the method call `target.key(…)`."""

    target: Expression
    key: Expression
    arguments: Arguments | None
    pos: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function or macro call."""

    name: str
    arguments: Arguments
    pos: int


@dataclass(frozen=True, slots=True)
class FilterCall:
    """`input | name(arguments)`."""

    input: Expression
    name: str
    arguments: Arguments
    pos: int


@dataclass(frozen=True, slots=True)
class TestCall:
    """`input is name`, `input is not name`."""

    input: Expression
    name: str
    arguments: Arguments
    negated: bool
    pos: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x`, `-x`, `+x`."""

    operator: str
    operand: Expression
    pos: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and an operator."""

    operator: str
    left: Expression
    right: Expression
    pos: int


@dataclass(frozen=True, slots=True)
class Ternary:
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    pos: int


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    pos: int


@dataclass(frozen=True, slots=True)
class MapLiteral:
    """`{'k': v}`."""

    entries: tuple[tuple[Expression, Expression], ...]
    pos: int


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A double-quoted text with `#{expression}` inside."""

    parts: tuple[Expression, ...]
    pos: int


Expression = (
    Literal
    | Name
    | Attribute
    | Call
    | FilterCall
    | TestCall
    | Unary
    | Binary
    | Ternary
    | ListLiteral
    | MapLiteral
    | Interpolated
)


@dataclass(frozen=True, slots=True)
class Text:
    """Text outside braces."""

    text: str
    pos: int


@dataclass(frozen=True, slots=True)
class Print:
    """`{{ expression }}`."""

    expression: Expression
    pos: int


@dataclass(frozen=True, slots=True)
class If:
    """`{% if %}` with its `elseif` branches and `else`."""

    branches: tuple[tuple[Expression, Body], ...]
    otherwise: Body
    pos: int


@dataclass(frozen=True, slots=True)
class For:
    """`{% for variable in iterable %}` with `else`."""

    variable: str
    iterable: Expression
    body: Body
    otherwise: Body
    pos: int


@dataclass(frozen=True, slots=True)
class Set:
    """`{% set name = expression %}`."""

    name: str
    expression: Expression
    pos: int


@dataclass(frozen=True, slots=True)
class Macro:
    """`{% macro name(parameter, other=default) %}`."""

    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    body: Body
    pos: int


@dataclass(frozen=True, slots=True)
class FilterBlock:
    """`{% filter a | b %}`: the body's text goes through the filters."""

    filters: tuple[tuple[str, Arguments, int], ...]
    body: Body
    pos: int


@dataclass(frozen=True, slots=True)
class Block:
    """`{% block name %}`: printed where it stands and again by `block('name')`."""

    name: str
    body: Body
    pos: int


Statement = Text | Print | If | For | Set | Macro | FilterBlock | Block
Body = tuple[Statement, ...]
