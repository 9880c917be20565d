"""Expression tree → closures: compiled once, called at every rendering with the `Run`."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.language.expressions import catalogue
from flowctl.language.expressions.compiling import operators
from flowctl.language.expressions.compiling.operators import Evaluate
from flowctl.language.expressions.compiling.placing import placed
from flowctl.language.expressions.errors import ExpressionError, UndefinedError
from flowctl.language.expressions.operations.attributes import attribute, call_method
from flowctl.language.expressions.parsing.nodes import (
    Arguments,
    Attribute,
    Binary,
    Call,
    Expression,
    FilterCall,
    Interpolated,
    ListLiteral,
    Literal,
    MapLiteral,
    Name,
    Ternary,
    TestCall,
    Unary,
)
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.suggestions import closest
from flowctl.language.expressions.values import HashMap, kind

Bound = tuple[tuple[str, Evaluate], ...]


def compile_expression(node: Expression) -> Evaluate:
    """The function that evaluates a tree; it raises ExpressionError with the offset of the node that failed."""
    return COMPILERS[type(node)](node)


def _literal(node: Literal) -> Evaluate:
    value = node.value
    return lambda run: value


def _name(node: Name) -> Evaluate:
    name, pos = node.name, node.pos

    def evaluate(run: Run) -> object:
        if not run.scopes and name in run.context:
            return run.context[name]
        return run.variable(name, pos)

    return evaluate


def _attribute(node: Attribute) -> Evaluate:
    if node.arguments is not None:
        return _method(node, node.arguments)
    target, pos = compile_expression(node.target), node.pos
    if isinstance(node.key, Literal) and isinstance(node.key.value, str):
        return _constant_key(target, node.key.value, pos)
    key = compile_expression(node.key)

    def evaluate(run: Run) -> object:
        return placed(pos, attribute, target(run), key(run))

    return evaluate


def _constant_key(target: Evaluate, key: str, pos: int) -> Evaluate:
    def evaluate(run: Run) -> object:
        holder = target(run)
        if type(holder) is dict and key in holder:
            return holder[key]
        return placed(pos, attribute, holder, key)

    return evaluate


def _made(run: Run, function: Callable[..., object], *arguments: object) -> object:
    return run.made(function(*arguments))


def _method(node: Attribute, given: Arguments) -> Evaluate:
    target, pos = compile_expression(node.target), node.pos
    arguments = [compile_expression(a) for a in (*given.positional, *(e for _, e in given.named))]
    name = str(node.key.value) if isinstance(node.key, Literal) else ""

    def evaluate(run: Run) -> object:
        run.tick()
        return placed(pos, call_method, target(run), name, [a(run) for a in arguments])

    return evaluate


def _bind(names: tuple[str, ...] | None, given: Arguments) -> Bound | str:
    """Arguments by name; without declared names by position. A text says why they do not fit."""
    count = len(given.positional)
    if names is None:
        keys: tuple[str, ...] = tuple(map(str, range(count)))
    elif count > len(names):
        return f"The argument at position {len(names) + 1} is not allowed. Only {len(names)} argument(s) are allowed."
    else:
        keys = names[:count]
    bound = [(key, compile_expression(e)) for key, e in zip(keys, given.positional, strict=True)]
    return (*bound, *((name, compile_expression(e)) for name, e in given.named))


def _failing(message: str, pos: int, hint: str = "", code: str = "F355") -> Evaluate:
    def evaluate(run: Run) -> object:
        raise ExpressionError(message, offset=pos, hint=hint, code=code)

    return evaluate


def _call(node: Call) -> Evaluate:
    spec = catalogue.FUNCTIONS.get(node.name)
    positional = [compile_expression(e) for e in node.arguments.positional]
    named = [(name, compile_expression(e)) for name, e in node.arguments.named]
    function = _function(spec, node) if spec else _unknown_function(node)
    dialects = spec.dialects if spec else frozenset()
    name, pos = node.name, node.pos

    def evaluate(run: Run) -> object:
        # A function hides a macro of its name.
        macro = None if run.environment.dialect in dialects else run.macros.get(name)
        if macro is None:
            return function(run)
        return placed(pos, macro, run, [e(run) for e in positional], {n: e(run) for n, e in named})

    return evaluate


def _unknown_function(node: Call) -> Evaluate:
    hint = closest(node.name, catalogue.FUNCTIONS)
    return _failing(f"Function or Macro [{node.name}] does not exist.", node.pos, hint, "F352")


def _function(spec: catalogue.FunctionSpec, node: Call) -> Evaluate:
    bound = _bind(spec.parameters, node.arguments)
    if isinstance(bound, str):
        return _failing(bound, node.pos)
    pos, function, dialects = node.pos, spec.function, spec.dialects
    unknown = _failing(f"Function or Macro [{node.name}] does not exist.", pos, spec.hint, "F352")

    def evaluate(run: Run) -> object:
        if run.environment.dialect not in dialects:
            return unknown(run)
        run.tick()
        arguments = {name: e(run) for name, e in bound}
        return placed(pos, _made, run, function, run, arguments)

    return evaluate


def _filter(node: FilterCall) -> Evaluate:
    return filter_call(compile_expression(node.input), node.name, node.arguments, node.pos)


def filter_call(source: Evaluate, name: str, arguments: Arguments, pos: int) -> Evaluate:
    """The function that sends the value of `source` through a filter."""
    spec = catalogue.FILTERS.get(name)
    missing = f"Filter [{name}] does not exist."
    if spec is None:
        return _failing(missing, pos, closest(name, catalogue.FILTERS), "F352")
    bound = _bind(spec.parameters, arguments)
    if isinstance(bound, str):
        return _failing(bound, pos)
    if name == "default":
        source = _undefined_as_null(source)
    function, dialects, unknown = spec.function, spec.dialects, _failing(missing, pos, spec.hint, "F352")

    def evaluate(run: Run) -> object:
        if run.environment.dialect not in dialects:
            return unknown(run)
        run.tick()
        value = source(run)
        given = {key: e(run) for key, e in bound}
        if name in SHARING:
            return placed(pos, function, run, value, given)
        return placed(pos, _made, run, function, run, value, given)

    return evaluate


SHARING = frozenset({"default", "first", "last"})
"""Filters that return what is there already."""


def _undefined_as_null(source: Evaluate) -> Evaluate:
    def evaluate(run: Run) -> object:
        try:
            return source(run)
        except UndefinedError:
            return None

    return evaluate


def _test(node: TestCall) -> Evaluate:
    spec = catalogue.TESTS.get(node.name)
    if spec is None:
        hint = closest(node.name, catalogue.TESTS)
        return _failing(f"Test [{node.name}] does not exist.", node.pos, hint, "F352")
    source = compile_expression(node.input)
    if node.name == "defined":
        source = _undefined_as_null(source)
    bound = _bind(spec.parameters, node.arguments)
    if isinstance(bound, str):
        return _failing(bound, node.pos)
    pos, function, negated = node.pos, spec.function, node.negated

    def evaluate(run: Run) -> object:
        value = source(run)
        return bool(placed(pos, function, value, {key: e(run) for key, e in bound})) is not negated

    return evaluate


def _unary(node: Unary) -> Evaluate:
    return operators.unary(node.operator, compile_expression(node.operand), node.pos)


def _binary(node: Binary) -> Evaluate:
    left, right = compile_expression(node.left), compile_expression(node.right)
    return operators.binary(node.operator, left, right, node.pos)


def _ternary(node: Ternary) -> Evaluate:
    condition, then = compile_expression(node.condition), compile_expression(node.then)
    otherwise, pos = compile_expression(node.otherwise), node.pos

    return lambda run: then(run) if placed(pos, operators.condition_holds, condition(run)) else otherwise(run)


def _list(node: ListLiteral) -> Evaluate:
    items = [compile_expression(item) for item in node.items]
    return lambda run: [item(run) for item in items]


def _map(node: MapLiteral) -> Evaluate:
    entries = [(compile_expression(k), compile_expression(v), k.pos) for k, v in node.entries]

    def evaluate(run: Run) -> object:
        return HashMap((placed(pos, _map_key, key(run)), value(run)) for key, value, pos in entries)

    return evaluate


def _map_key(key: object) -> object:
    if isinstance(key, str | int | float | None):
        return key
    raise ExpressionError(f"{kind(key)} cannot be the key of a map")


def _interpolated(node: Interpolated) -> Evaluate:
    parts = [compile_expression(part) for part in node.parts]

    def evaluate(run: Run) -> object:
        text = "".join("" if (v := part(run)) is None else run.java(v) for part in parts)
        run.check_text(len(text))
        return run.made(text)

    return evaluate


COMPILERS: dict[type, Callable[..., Evaluate]] = {
    Literal: _literal,
    Name: _name,
    Attribute: _attribute,
    Call: _call,
    FilterCall: _filter,
    TestCall: _test,
    Unary: _unary,
    Binary: _binary,
    Ternary: _ternary,
    ListLiteral: _list,
    MapLiteral: _map,
    Interpolated: _interpolated,
}
