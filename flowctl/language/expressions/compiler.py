"""Expression tree → closures: compiled once, called at every rendering with the `Run`."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.language.expressions import arithmetic, catalogue, comparing
from flowctl.language.expressions.attributes import attribute, call_method
from flowctl.language.expressions.errors import ExpressionError, LimitError, UndefinedError
from flowctl.language.expressions.nodes import (
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
from flowctl.language.expressions.ranges import span
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.suggestions import closest
from flowctl.language.expressions.values import HashMap, kind

Evaluate = Callable[[Run], object]
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
        return _placed(pos, attribute, target(run), key(run))

    return evaluate


def _constant_key(target: Evaluate, key: str, pos: int) -> Evaluate:
    def evaluate(run: Run) -> object:
        holder = target(run)
        if type(holder) is dict and key in holder:
            return holder[key]
        return _placed(pos, attribute, holder, key)

    return evaluate


def _placed(pos: int, function: Callable[..., object], *arguments: object) -> object:
    try:
        return function(*arguments)
    except ExpressionError as error:
        if error.offset is None:
            error.offset = pos
        raise


def _made(run: Run, function: Callable[..., object], *arguments: object) -> object:
    return run.made(function(*arguments))


def _method(node: Attribute, given: Arguments) -> Evaluate:
    target, pos = compile_expression(node.target), node.pos
    arguments = [compile_expression(a) for a in (*given.positional, *(e for _, e in given.named))]
    name = str(node.key.value) if isinstance(node.key, Literal) else ""

    def evaluate(run: Run) -> object:
        run.tick()
        return _placed(pos, call_method, target(run), name, [a(run) for a in arguments])

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
    name, pos = node.name, node.pos

    def evaluate(run: Run) -> object:
        macro = run.macros.get(name)
        if macro is None:
            return function(run)
        return _placed(pos, macro, run, [e(run) for e in positional], {n: e(run) for n, e in named})

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
        return _placed(pos, _made, run, function, run, arguments)

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
            return _placed(pos, function, run, value, given)
        return _placed(pos, _made, run, function, run, value, given)

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
        return bool(_placed(pos, function, value, {key: e(run) for key, e in bound})) is not negated

    return evaluate


def _unary(node: Unary) -> Evaluate:
    operand, pos = compile_expression(node.operand), node.pos
    if node.operator == "not":
        return lambda run: not _placed(pos, _not_operand, operand(run))
    if node.operator == "-":
        return lambda run: _placed(pos, arithmetic.negate, operand(run))
    return lambda run: _placed(pos, _positive, operand(run))


def _not_operand(value: object) -> bool:
    if value is None:
        raise ExpressionError("null value given to not() and strict variables is set to true")
    return comparing.truth(value, "not() takes a boolean, a number or a text, not {kind}")


def _positive(value: object) -> object:
    found = arithmetic.number(value)
    if found is None:
        raise ExpressionError(f"{kind(value)} has no sign")
    return found


def _binary(node: Binary) -> Evaluate:
    left, right = compile_expression(node.left), compile_expression(node.right)
    operator, pos = node.operator, node.pos
    if operator in ("and", "or"):
        return _logical(operator, left, right, pos)
    if operator in ("??", "???"):
        return _coalescing(operator, left, right)
    if operator in WRAPPED:
        return _wrapped(operator, left, right, pos)
    return _other(operator, left, right, pos)


def _logical(operator: str, left: Evaluate, right: Evaluate, pos: int) -> Evaluate:
    decides = operator == "or"

    def operand(value: object) -> bool:
        if value is None:
            raise ExpressionError(f"null value used in {operator} operator and strict variables is set to true")
        return comparing.truth(value, operator + " takes booleans, numbers and texts, not {kind}")

    def evaluate(run: Run) -> object:
        if _placed(pos, operand, left(run)) is decides:
            return decides
        return _placed(pos, operand, right(run))

    return evaluate


def _coalescing(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    null_too = operator == "??"

    def evaluate(run: Run) -> object:
        try:
            value = left(run)
        except UndefinedError:
            return right(run)
        return right(run) if value is None and null_too else value

    return evaluate


Operation = Callable[[Run, object, object], object]
WRAPPED: dict[str, tuple[str, Operation]] = {
    "+": ("addition", lambda run, a, b: _bounded_list(run, arithmetic.add(a, b, run))),
    "-": ("subtraction", lambda run, a, b: arithmetic.subtract(a, b)),
    "*": ("multiplication", lambda run, a, b: arithmetic.calculate("*", a, b)),
    "/": ("division", lambda run, a, b: arithmetic.calculate("/", a, b)),
    "%": ("greater modulus", lambda run, a, b: arithmetic.calculate("%", a, b)),
    "==": ("equals comparison", lambda run, a, b: comparing.equal(a, b)),
    "equals": ("equals comparison", lambda run, a, b: comparing.equal(a, b)),
    "!=": ("not equals comparison", lambda run, a, b: not comparing.equal(a, b)),
}
"""Operators whose errors, those of their operands included, are told as one text."""
ORDER_WORDS = {
    ">": "greater than comparison",
    ">=": "greater than or equals comparison",
    "<": "less than comparison",
    "<=": "less than or equals comparison",
}


def _bounded_list(run: Run, value: object) -> object:
    if isinstance(value, list):
        run.check_items(len(value))
    return run.made(value)


def _wrapped(operator: str, left: Evaluate, right: Evaluate, pos: int) -> Evaluate:
    words, operation = WRAPPED[operator]

    def evaluate(run: Run) -> object:
        try:
            return operation(run, left(run), right(run))
        except LimitError:
            raise
        except ExpressionError as error:
            hint = error.hint or error.message
            raise ExpressionError(f"Could not perform {words}", offset=pos, hint=hint) from error

    return evaluate


def _order(run: Run, operator: str, left: object, right: object) -> bool:
    try:
        return comparing.order(left, right, operator)
    except ExpressionError as error:
        hint = error.hint or error.message
        raise ExpressionError(f"Could not perform {ORDER_WORDS[operator]}", hint=hint) from None


def _join(run: Run, left: object, right: object) -> object:
    first = "" if left is None else run.java(left)
    second = "" if right is None else run.java(right)
    text = arithmetic.concatenate(first, second, run.limit)
    return run.made(text)


def _other(operator: str, left: Evaluate, right: Evaluate, pos: int) -> Evaluate:
    operations: dict[str, Operation] = {
        "~": _join,
        "..": lambda run, a, b: run.made(span(run, a, b, 1)),
        "contains": lambda run, a, b: comparing.contains(a, b),
        "isIn": lambda run, a, b: comparing.is_in(a, b),
    }
    operation = operations.get(operator) or (lambda run, a, b: _order(run, operator, a, b))
    return lambda run: _placed(pos, operation, run, left(run), right(run))


def _ternary(node: Ternary) -> Evaluate:
    condition, then = compile_expression(node.condition), compile_expression(node.then)
    otherwise, pos = compile_expression(node.otherwise), node.pos

    def truth(value: object) -> bool:
        return value is not None and comparing.truth(value, "a condition is a boolean, a number or a text, not {kind}")

    return lambda run: then(run) if _placed(pos, truth, condition(run)) else otherwise(run)


def _list(node: ListLiteral) -> Evaluate:
    items = [compile_expression(item) for item in node.items]
    return lambda run: [item(run) for item in items]


def _map(node: MapLiteral) -> Evaluate:
    entries = [(compile_expression(k), compile_expression(v), k.pos) for k, v in node.entries]

    def evaluate(run: Run) -> object:
        return HashMap((_placed(pos, _map_key, key(run)), value(run)) for key, value, pos in entries)

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
