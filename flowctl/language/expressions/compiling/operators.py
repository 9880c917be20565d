"""Operators over compiled operands."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.language.expressions.compiling.placing import placed
from flowctl.language.expressions.errors import ExpressionError, LimitError, UndefinedError
from flowctl.language.expressions.operations import arithmetic, comparing
from flowctl.language.expressions.operations.ranges import span
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.values import kind

Evaluate = Callable[[Run], object]


def unary(operator: str, operand: Evaluate, pos: int) -> Evaluate:
    """`not x`, `-x`, `+x`."""
    if operator == "not":
        return lambda run: not placed(pos, _not_operand, operand(run))
    if operator == "-":
        return lambda run: placed(pos, arithmetic.negate, operand(run))
    return lambda run: placed(pos, _positive, operand(run))


def _not_operand(value: object) -> bool:
    if value is None:
        raise ExpressionError("null value given to not() and strict variables is set to true")
    return comparing.truth(value, "not() takes a boolean, a number or a text, not {kind}")


def _positive(value: object) -> object:
    found = arithmetic.number(value)
    if found is None:
        raise ExpressionError(f"{kind(value)} has no sign")
    return found


def binary(operator: str, left: Evaluate, right: Evaluate, pos: int) -> Evaluate:
    """Two operands and an operator; `and`, `or` and `??` evaluate the right one only when it decides."""
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
        if placed(pos, operand, left(run)) is decides:
            return decides
        return placed(pos, operand, right(run))

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


def _operands(run: Run, left: object, right: object) -> tuple[object, object]:
    """Both operands; before 2.0 a text is none, not even for an order."""
    if run.environment.dialect == "1.3" and (isinstance(left, str) or isinstance(right, str)):
        raise ExpressionError("before 2.0 a text is no operand: write `'6' | number`")
    return left, right


def _subtract(run: Run, left: object, right: object) -> object:
    """A text may well be what is taken out of a list."""
    return arithmetic.subtract(*((left, right) if isinstance(left, list) else _operands(run, left, right)))


Operation = Callable[[Run, object, object], object]
WRAPPED: dict[str, tuple[str, Operation]] = {
    "+": ("addition", lambda run, a, b: _bounded_list(run, arithmetic.add(a, b, run))),
    "-": ("subtraction", _subtract),
    "*": ("multiplication", lambda run, a, b: arithmetic.calculate("*", *_operands(run, a, b))),
    "/": ("division", lambda run, a, b: arithmetic.calculate("/", *_operands(run, a, b))),
    "%": ("greater modulus", lambda run, a, b: arithmetic.calculate("%", *_operands(run, a, b))),
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
        return comparing.order(*_operands(run, left, right), operator)
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
    return lambda run: placed(pos, operation, run, left(run), right(run))


def condition_holds(value: object) -> bool:
    """Whether the condition of a ternary holds; null does not. Raises ExpressionError for lists and maps."""
    return value is not None and comparing.truth(value, "a condition is a boolean, a number or a text, not {kind}")
