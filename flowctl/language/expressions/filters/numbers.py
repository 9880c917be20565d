"""Filters over numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.operations.arithmetic import negate
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import Filters, Given, optional_text, text
from flowctl.language.expressions.values import INT_MAX, INT_MIN, BigInt, Float, Long, class_name, is_number

NUMBER_FILTERS = Filters()
MAX_DIGITS = 3500
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?")
WHOLE = re.compile(r"[+-]?[0-9]+")
BASED = re.compile(r"([+-]?)(?:(0[xX]|#)([0-9A-Fa-f]+)|(0)([0-7]+))")
SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}
SUFFIXED = re.compile(r"([+-]?\d*\.?\d+(?:[eE][+-]?\d{1,4})?)([fFdDlL])")


@NUMBER_FILTERS.add("abs")
def absolute(run: Run, value: object, given: Given) -> object:
    """The number without its sign, of the same type."""
    if value is None:
        raise ExpressionError('Can not pass null value to "abs" filter.')
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        raise ExpressionError("The 'abs' filter does require as input a number.")
    if value >= 0:
        return value
    return -value if type(value) is int else negate(value)


@NUMBER_FILTERS.add("number", "type")
def number(run: Run, value: object, given: Given) -> object:
    """The number that a text spells: as int, long, float, double or larger, whichever fits first, or of `type`."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ExpressionError(f"'number' filter can only be applied to String. Actual type was: {class_name(value)}")
    if len(value) > MAX_DIGITS:
        raise ExpressionError(f"A number has at most {MAX_DIGITS} digits here")
    convert = CONVERTERS.get((optional_text(given, "type") or "").upper(), _any_number)
    try:
        return convert(value)
    except (ValueError, InvalidOperation):
        raise ExpressionError(f'For input string: "{value}": not a valid number') from None


def _integer(value: str) -> int:
    """A whole number: hexadecimal behind `0x` and `#`, octal behind `0`. Raises ValueError."""
    if found := BASED.fullmatch(value):
        sign, marked, hexadecimal, _, octal = found.groups()
        return int(sign + (hexadecimal or octal), 16 if marked else 8)
    if not WHOLE.fullmatch(value) or (value.lstrip("+-").startswith("0") and len(value.lstrip("+-")) > 1):
        raise ValueError(value)
    return int(value)


def _whole(value: str, low: int, high: int) -> int:
    found = _integer(value)
    if not low <= found <= high:
        raise ValueError(value)
    return found


def _floating(value: str) -> float:
    digits = value.strip()
    if digits in SPECIAL:
        return SPECIAL[digits]
    digits = digits.rstrip("fFdD")
    if not DECIMAL.fullmatch(digits):
        raise ValueError(value)
    return float(digits)


CONVERTERS: dict[str, Callable[[str], object]] = {
    "INT": lambda v: _whole(v, INT_MIN, INT_MAX),
    "LONG": lambda v: Long(_whole(v, -(2**63), 2**63 - 1)),
    "FLOAT": lambda v: Float(_floating(v)),
    "DOUBLE": _floating,
    "BIGDECIMAL": lambda v: Decimal(v) if DECIMAL.fullmatch(v) else Decimal("x"),
    "BIGINTEGER": lambda v: BigInt(_integer(v)),
}


def _any_number(value: str) -> object:
    if not value.strip():
        raise ExpressionError("A blank string is not a valid number")
    if WHOLE.fullmatch(value) or BASED.fullmatch(value):
        return _sized(_integer(value))
    if found := SUFFIXED.fullmatch(value):
        return _suffixed(found.group(1), found.group(2).lower())
    if DECIMAL.fullmatch(value):
        return _narrowest(value)
    raise ExpressionError(f"{value} is not a valid number.")


def _sized(value: int) -> int:
    if INT_MIN <= value <= INT_MAX:
        return value
    return Long(value) if -(2**63) <= value < 2**63 else BigInt(value)


def _suffixed(digits: str, suffix: str) -> object:
    if suffix == "l":
        return Long(_whole(digits, -(2**63), 2**63 - 1))
    return Float(digits) if suffix == "f" else float(digits)


def _narrowest(value: str) -> object:
    """A float when that keeps all digits, else a double, else a BigDecimal."""
    exact = Decimal(value)
    significant = len(exact.normalize().as_tuple().digits)
    size = abs(float(value)) if abs(exact.adjusted()) < 300 else None
    if significant <= 7 and (size == 0 or (size is not None and 1.4e-45 <= size <= 3.4e38)):
        return Float(value)
    if significant <= 16 and size is not None:
        return float(value)
    return exact


@NUMBER_FILTERS.add("numberFormat", "format")
def number_format(run: Run, value: object, given: Given) -> object:
    """The number in a DecimalFormat pattern; rounds half to even."""
    if value is None:
        return None
    if not is_number(value):
        raise ExpressionError("The input for the 'NumberFormat' filter has to be a number.")
    from flowctl.language.expressions.java.decimalformat import format_decimal

    assert isinstance(value, int | float | Decimal)
    if isinstance(value, Decimal) and abs(value.adjusted()) > MAX_DIGITS:
        raise ExpressionError(f"A number with more than {MAX_DIGITS} digits cannot be formatted")
    return format_decimal(value, text(given, "format", "#,##0.###"))
