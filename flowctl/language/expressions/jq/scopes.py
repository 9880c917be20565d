"""Names of a jq program: variables and functions, nested."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.values import JqError, Value


@dataclass(frozen=True, slots=True)
class Closure:
    """A function, or an argument of one, with the scope in which it was written."""

    function: tree.Function
    scope: Scope


@dataclass(slots=True)
class Scope:
    """Variables and functions by name; a function's name carries its number of arguments."""

    outer: Scope | None = None
    variables: dict[str, Value] = field(default_factory=dict)
    functions: dict[tuple[str, int], Closure] = field(default_factory=dict)

    def variable(self, name: str) -> Value:
        """The value of a variable. Raises JqError for an unknown one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.outer
        raise JqError(f"{name} is not defined")

    def function(self, name: str, count: int) -> Closure | None:
        """The function of this name and number of arguments."""
        scope: Scope | None = self
        while scope is not None:
            if (name, count) in scope.functions:
                return scope.functions[name, count]
            scope = scope.outer
        return None
