"""`+ - * / %`, unary signs, and numbers read from text.

Widening as in Java: BigDecimal > double > float > long > int. Two ints (both from variables) wrap at 32 bits and the
result is a long; longs wrap at 64 bits. Numeric text counts as a number for `- * / %`, but `+` with a text on either
side concatenates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal, DecimalException, localcontext

from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.operations.comparing import Equality
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.values import (
    LONG_MAX,
    LONG_MIN,
    BigInt,
    Float,
    JavaArray,
    Long,
    is_number,
    kind,
    width,
)

Number = int | float | Decimal
WHOLE_TEXT = re.compile(r"[+-]?\d{1,19}")
DECIMAL_TEXT = re.compile(r"\s*([+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,9})?)[fFdD]?\s*")
MAX_BITS = 12_000
WORDS = {"+": "addition", "-": "subtraction", "*": "multiplication", "/": "division", "%": "modulus"}


def add(left: object, right: object, run: Run) -> object:
    """`left + right`: a sum, a concatenation when either side is a text, or a longer list."""
    if isinstance(left, str) or isinstance(right, str):
        return concatenate(run.java(left), run.java(right), run.limit)
    if isinstance(left, list) and not isinstance(left, JavaArray):
        return left + (list(right) if isinstance(right, list) else [right])
    return calculate("+", left, right)


def subtract(left: object, right: object) -> object:
    """`left - right`: a difference, a list without those of another, or without the first that equals a value."""
    if isinstance(left, list):
        same = Equality()
        if isinstance(right, list):
            return [item for item in left if not any(same.check(item, other) for other in right)]
        first = next((index for index, item in enumerate(left) if same.check(item, right)), len(left))
        return [*left[:first], *left[first + 1 :]]
    return calculate("-", left, right)


def concatenate(left: str, right: str, limit: int) -> str:
    """Both texts in a row. Raises LimitError past `limit` characters."""
    if len(left) + len(right) > limit:
        raise LimitError(f"A text is longer than {limit} characters")
    return left + right


def number(value: object) -> Number | None:
    """A number, or what a numeric text reads as; None for anything else."""
    if is_number(value):
        return value  # type: ignore[return-value]  # is_number says so
    return _spelt(value) if isinstance(value, str) else None


def _spelt(text: str) -> Number | None:
    """A text with a point or an exponent reads as a double, spaces around it allowed; any other as a 64-bit number."""
    if "." in text or "e" in text or "E" in text:
        found = DECIMAL_TEXT.fullmatch(text)
        return float(found.group(1)) if found else None
    if not WHOLE_TEXT.fullmatch(text) or not LONG_MIN <= int(text) <= LONG_MAX:
        return None
    return Long(text)


def calculate(operator: str, left: object, right: object) -> object:
    """One operation on two numbers. Raises ExpressionError for other operands and for a whole division by zero."""
    a, b = (left, right) if operator == "+" else (number(left), number(right))
    if not is_number(a) or not is_number(b):
        raise ExpressionError(f"{kind(left)} and {kind(right)} are no operands of {WORDS[operator]}")
    assert isinstance(a, int | float | Decimal)
    assert isinstance(b, int | float | Decimal)
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        return _decimal(operator, a, b)
    if isinstance(a, float) or isinstance(b, float):
        return _floating(operator, a, b)
    return _whole(operator, a, b)


def _decimal(operator: str, a: Number, b: Number) -> Decimal:
    left, right = _as_decimal(a), _as_decimal(b)
    with localcontext(prec=34) as context:
        try:
            if operator in "+-":
                context.prec = 1000
                return left + right if operator == "+" else left - right
            return {"*": left.__mul__, "/": left.__truediv__, "%": left.__mod__}[operator](right)
        except DecimalException:
            raise ExpressionError(f"{WORDS[operator]} of {left} and {right} is not possible") from None


def _as_decimal(value: Number) -> Decimal:
    """With the digits that the number has as a double (`1.5` for `1.50`, `2.0` for `2`), where that is the same."""
    try:
        short = Decimal(float.__repr__(float(value)))
    except OverflowError:
        return Decimal(value)
    return short if isinstance(value, float) or short == value else Decimal(value)


def _floating(operator: str, a: Number, b: Number) -> float:
    narrow = all(isinstance(x, Float | int) for x in (a, b))
    result = _double(operator, float(a), float(b))
    return Float(result) if narrow else result


def _double(operator: str, a: float, b: float) -> float:
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    if b == 0:
        return _by_zero(operator, a, b)
    if operator == "/":
        return a / b
    return math.nan if math.isinf(a) else math.fmod(a, b)


def _by_zero(operator: str, a: float, b: float) -> float:
    if operator == "%" or a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


WHOLE: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1),
    "%": lambda a, b: (abs(a) % abs(b)) * (-1 if a < 0 else 1),
}


def _whole(operator: str, a: int, b: int) -> int:
    if b == 0 and operator in "/%":
        raise ExpressionError("/ by zero")
    result = WHOLE[operator](int(a), int(b))
    widths = {width(a), width(b)}
    if "big" in widths:
        if result.bit_length() > MAX_BITS:
            raise LimitError("A whole number grew past 3,600 digits")
        return BigInt(result)
    return Long(wrap(result, 64 if "long" in widths else 32))


def wrap(value: int, bits: int) -> int:
    """The value cut to a signed number of so many bits."""
    half = 1 << (bits - 1)
    return (value + half) % (1 << bits) - half


def negate(value: object) -> object:
    """`-value`; numeric text counts as a number. A double keeps the sign of zero."""
    found = number(value)
    if found is None:
        raise ExpressionError(f"{kind(value)} has no negative")
    if isinstance(found, Float):
        return Float(-float(found))
    if isinstance(found, int):
        return BigInt(-found) if width(found) == "big" else Long(wrap(-found, 64))
    return -found
