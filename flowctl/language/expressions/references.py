"""The names that a template uses, for checks before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.parsing.blocks import parse_template
from flowctl.language.expressions.parsing.nodes import (
    Arguments,
    Attribute,
    Binary,
    Call,
    Expression,
    FilterCall,
    For,
    Literal,
    Macro,
    Name,
    Set,
    TestCall,
)

if TYPE_CHECKING:
    from flowctl.language.expressions.template import Template

_PLAIN_PRINT = re.compile(r"""\{\{(?:[^{}"'#]|'[^'{}\\]*'|"[^"{}\\#]*")*\}\}""")
"""A print without maps and difficult texts: it ends at the first `}}`, whatever is around it."""
_NOT_PLAIN = ("{%", "{#", "{{{")


MISSING = object()
"""No such argument."""
_BESIDES = frozenset({"namespace", "errorOnMissing", "subkey"})
"""Named arguments that never say what is asked for."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of a name.

    `kind` is `variable` or `function`. `path` of a variable is the root and the constant keys behind it, such as
    `("outputs", "transform", "value")`; it ends before the first computed key. `path` of a function is its name and
    its first argument where that is a constant text, such as `("secret", "DB_USER")`.
    `given` are the other arguments of a function by place (from 0) or name: a constant, the path of a variable, or None
    for what is computed. `guarded` is true where an undefined value does no harm: left of `??`, under `default` or
    `is defined`.
    `line` and `column` count from 1 inside the template.
    """

    kind: str
    path: tuple[str, ...]
    line: int
    column: int
    guarded: bool = False
    given: tuple[tuple[int | str, object], ...] = ()

    def argument(self, place: int, name: str) -> object:
        """An argument of a function besides the first, as in `given`; `MISSING` when there is none."""
        return next((value for key, value in self.given if key in (place, name)), MISSING)

    @property
    def root(self) -> str:
        """The first part."""
        return self.path[0]


def references(template: Template) -> tuple[Reference, ...]:
    """All names used, in the order of the text. Names that the template sets itself are left out."""
    local = frozenset(_locals(template.body)) if "{%" in template.text else frozenset()
    return tuple(_Collector(template.text, local).collect(template.body))


def names_in(text: str) -> tuple[Reference, ...]:
    """The names that a text uses, without compiling it: for checks of many texts.

    Raises:
        ExpressionError: the text cannot be parsed (F351), with line and column.
    """
    prints = list(_PLAIN_PRINT.finditer(text))
    if len(prints) != text.count("{{") or any(sign in text for sign in _NOT_PLAIN):
        return _names_of(text)
    try:
        return tuple(_moved(name, text, found.start()) for found in prints for name in _names_of_print(found.group()))
    except ExpressionError:
        return _names_of(text)  # which says where in the whole text


def _names_of(text: str) -> tuple[Reference, ...]:
    body = parse_template(text)
    local = frozenset(_locals(body)) if "{%" in text else frozenset()
    return tuple(_Collector(text, local).collect(body))


_names_of_print = lru_cache(maxsize=10_000)(_names_of)
"""The same few expressions stand in most texts, in the midst of ever different words."""


def _moved(reference: Reference, text: str, start: int) -> Reference:
    """A reference of a part of a text that begins at `start`, as one of the whole text."""
    column = reference.column
    if reference.line == 1:
        column += start - text.rfind("\n", 0, start) - 1
    return replace(reference, line=reference.line + text.count("\n", 0, start), column=column)


def _locals(node: object) -> Iterator[str]:
    if isinstance(node, Set):
        yield node.name
    elif isinstance(node, For):
        yield from (node.variable, "loop")
    elif isinstance(node, Macro):
        yield from (node.name, *(name for name, _ in node.parameters))
    for child in children(node):
        yield from _locals(child)


def children(node: object) -> Iterator[object]:
    """What hangs below a node: fields of the tree's classes, members of tuples."""
    if isinstance(node, tuple):
        yield from node
    else:
        for name in _members(type(node)):
            yield getattr(node, name)


def _members(kind: type) -> tuple[str, ...]:
    """The fields of a class of the tree; asking dataclasses each time would be most of the walk."""
    if kind not in _MEMBERS:
        _MEMBERS[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _MEMBERS[kind]


_MEMBERS: dict[type, tuple[str, ...]] = {}


class _Collector:
    def __init__(self, text: str, local: frozenset[str]) -> None:
        self.text = text
        self.local = local

    def collect(self, node: object, guarded: bool = False) -> Iterator[Reference]:
        """References below a node."""
        if isinstance(node, Name | Attribute):
            yield from self._variable(node, guarded)
        elif isinstance(node, Call):
            yield from self._function(node)
        elif isinstance(node, FilterCall):
            yield from self.collect(node.input, guarded or node.name == "default")
            yield from self.collect(node.arguments)
        elif isinstance(node, TestCall):
            yield from self.collect(node.input, guarded or node.name == "defined")
        elif isinstance(node, Binary) and node.operator in ("??", "???"):
            yield from self.collect(node.left, True)
            yield from self.collect(node.right, guarded)
        else:
            for child in children(node):
                yield from self.collect(child, guarded)

    def _variable(self, node: Name | Attribute, guarded: bool) -> Iterator[Reference]:
        chain: list[Attribute] = []
        base: Expression = node
        while isinstance(base, Attribute):
            chain.append(base)
            base = base.target
        if isinstance(base, Name) and base.name not in self.local:
            keys, _ = _constant_keys(chain[::-1])
            yield self._reference("variable", (base.name, *keys), base.pos, guarded)
        elif not isinstance(base, Name):
            yield from self.collect(base, guarded)
        for step in chain[::-1]:
            yield from self.collect(step.key)
            yield from self.collect(step.arguments or Arguments())

    def _function(self, node: Call) -> Iterator[Reference]:
        if node.name not in self.local:
            given: list[tuple[int | str, Expression]] = [*enumerate(node.arguments.positional), *node.arguments.named]
            asked = next((key for key, _ in given if key not in _BESIDES), None)
            known = [_known(value) for key, value in given if key == asked]
            name = [value for value in known if isinstance(value, str)]
            found = self._reference("function", (node.name, *name), node.pos, False)
            yield replace(found, given=tuple((key, _known(value)) for key, value in given if key != asked))
        yield from self.collect(node.arguments)

    def _reference(self, kind: str, path: tuple[str, ...], pos: int, guarded: bool) -> Reference:
        line = self.text.count("\n", 0, pos) + 1
        column = pos - self.text.rfind("\n", 0, pos)
        return Reference(kind, path, line, column, guarded)


def _known(value: Expression) -> object:
    """A constant, the path of a variable as a tuple, None for anything else."""
    if isinstance(value, Literal):
        return value.value
    chain: list[Attribute] = []
    while isinstance(value, Attribute):
        chain.append(value)
        value = value.target
    keys, partial = _constant_keys(chain[::-1])
    return (value.name, *keys) if isinstance(value, Name) and not partial else None


def _constant_keys(chain: list[Attribute]) -> tuple[list[str], bool]:
    keys: list[str] = []
    for step in chain:
        constant = step.key.value if isinstance(step.key, Literal) else None
        if step.arguments is not None or not isinstance(constant, str | int):
            return keys, True
        keys.append(str(constant))
    return keys, False
