"""Taking a value apart: `. as [$first, {name: $name}]`."""

from __future__ import annotations

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.machine import Machine
from flowctl.language.expressions.jq.scopes import Scope
from flowctl.language.expressions.jq.values import Value, index


def destructured(machine: Machine, pattern: tree.Pattern, scope: Scope, value: Value) -> Scope:
    """A scope inside this one, with the variables that a pattern takes from a value."""
    inner = Scope(scope)
    _match(machine, pattern, inner, value)
    return inner


def _match(machine: Machine, pattern: tree.Pattern, scope: Scope, value: Value) -> None:
    if pattern.name:
        scope.variables[pattern.name] = value
    for position, item in enumerate(pattern.items):
        _match(machine, item, scope, index(value, position))
    for key_node, item in pattern.entries:
        for key in machine.values(key_node, scope, value):
            _match(machine, item, scope, index(value, key))
