"""How a filter, function or test is described: its name, parameters, what it does, and where it exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flowctl.language.expressions.environment import Dialect
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.running import Run

Given = dict[str, object]
FilterFunction = Callable[[Run, object, Given], object]
Function = Callable[[Run, Given], object]
Test = Callable[[object, Given], bool]
EVERYWHERE: frozenset[Dialect] = frozenset({"lenient", "2.0", "1.3"})
BEFORE_2: frozenset[Dialect] = frozenset({"lenient", "1.3"})
AFTER_1: frozenset[Dialect] = frozenset({"lenient", "2.0"})
LENIENT: frozenset[Dialect] = frozenset({"lenient"})
REQUIRED = object()


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """`parameters` are the names of the arguments in order; None takes any number, named "0", "1" …"""

    function: FilterFunction
    parameters: tuple[str, ...] | None
    dialects: frozenset[Dialect] = EVERYWHERE
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """As a filter, without an input."""

    function: Function
    parameters: tuple[str, ...] | None
    dialects: frozenset[Dialect] = EVERYWHERE
    hint: str = ""


@dataclass(frozen=True, slots=True)
class TestSpec:
    """A word after `is`."""

    function: Test
    parameters: tuple[str, ...] | None = None


class Filters(dict[str, FilterSpec]):
    """A family of filters; `add` is a decorator that registers one."""

    def add(
        self, name: str, *parameters: str, dialects: frozenset[Dialect] = EVERYWHERE, hint: str = ""
    ) -> Callable[[FilterFunction], FilterFunction]:
        """Registers a filter. Without parameters extra arguments are ignored, as in the language."""

        def register(function: FilterFunction) -> FilterFunction:
            self[name] = FilterSpec(function, parameters or None, dialects, hint)
            return function

        return register


class Functions(dict[str, FunctionSpec]):
    """A family of functions; `add` is a decorator that registers one."""

    def add(
        self, name: str, *parameters: str, dialects: frozenset[Dialect] = EVERYWHERE, hint: str = ""
    ) -> Callable[[Function], Function]:
        """Registers a function. Without parameters any number of arguments is taken."""

        def register(function: Function) -> Function:
            self[name] = FunctionSpec(function, parameters or None, dialects, hint)
            return function

        return register


def whole(given: Given, name: str, default: object = REQUIRED, what: str = "") -> int:
    """A whole-number argument. Raises ExpressionError when it is missing or is none."""
    value = given.get(name, default)
    if value is REQUIRED or value is None:
        raise ExpressionError(what or f"The argument '{name}' is required.")
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"The argument '{name}' has to be a whole number.")
    return int(value)


def text(given: Given, name: str, default: object = REQUIRED, what: str = "") -> str:
    """A text argument. Raises ExpressionError when it is missing or is none."""
    value = given.get(name, default)
    if value is REQUIRED or value is None:
        raise ExpressionError(what or f"The argument '{name}' is required.")
    if not isinstance(value, str):
        raise ExpressionError(f"The argument '{name}' has to be a text.")
    return value


def optional_text(given: Given, name: str) -> str | None:
    """A text argument, or None when it is missing or null."""
    return None if given.get(name) is None else text(given, name)


def input_text(value: object, name: str) -> str:
    """The input of a filter that takes texts only. Raises ExpressionError for anything else."""
    if isinstance(value, str):
        return value
    from flowctl.language.expressions.values import class_name

    raise ExpressionError(
        f"The '{name}' filter takes a text. Actual type was: {class_name(value)}",
        hint="convert it with `| string` first",
    )
