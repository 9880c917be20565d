"""Equality, order, membership and truth.

Numbers are compared as doubles whatever their types; a text never equals a number. Everything here is bounded: a value
that refers to another many times over cannot make a comparison run for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.java.printing import java_text
from flowctl.language.expressions.values import class_name, is_number, kind

MAX_COMPARED = 500_000
MAX_DEPTH = 100
TEXT_LIMIT = 2_000_000


def as_double(value: object) -> float:
    """A number as a double; one out of range is an infinity."""
    assert isinstance(value, int | float | Decimal)
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def equal(left: object, right: object) -> bool:
    """`==`: numbers by value, texts, booleans and null by identity of kind, lists and maps by content."""
    return Equality().check(left, right)


class Equality:
    """Equality with one budget for many comparisons."""

    def __init__(self) -> None:
        self.left = MAX_COMPARED

    def check(self, a: object, b: object, depth: int = 0) -> bool:
        """Whether two values are equal. Raises LimitError past half a million compared parts, of all calls together."""
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            raise LimitError("Two values are too large to compare")
        if isinstance(a, str) or isinstance(b, str) or a is None or b is None:
            return type(a) is type(b) and a == b
        if isinstance(a, bool) or isinstance(b, bool):
            return a is b
        if is_number(a):
            return is_number(b) and as_double(a) == as_double(b)
        if isinstance(a, Mapping):
            return isinstance(b, Mapping) and self._maps(a, b, depth)
        if isinstance(a, list | tuple):
            return isinstance(b, list | tuple) and self._lists(a, b, depth)
        return _same_kind(a, b) and a == b

    def _maps(self, a: Mapping[object, object], b: Mapping[object, object], depth: int) -> bool:
        return len(a) == len(b) and all(k in b and self.check(v, b[k], depth + 1) for k, v in a.items())

    def _lists(self, a: list[object] | tuple[object, ...], b: list[object] | tuple[object, ...], depth: int) -> bool:
        return len(a) == len(b) and all(self.check(x, y, depth + 1) for x, y in zip(a, b, strict=True))


def _same_kind(a: object, b: object) -> bool:
    return type(a) is type(b) and (not isinstance(a, datetime) or (a.tzinfo is None) == (b.tzinfo is None))  # type: ignore[attr-defined]  # same type


def order(left: object, right: object, operator: str) -> bool:
    """`< > <= >=`: numbers as doubles, two texts by their characters; a null side is never in order.

    Raises ExpressionError for other operands.
    """
    if left is None or right is None:
        return False
    a: float | str
    b: float | str
    if isinstance(left, str) and isinstance(right, str):
        a, b = left, right
        return _ordered_texts(a, b, operator)
    if not is_number(left) or not is_number(right):
        hint = "convert dates with the `timestamp` filter" if isinstance(left, date) or isinstance(right, date) else ""
        raise ExpressionError(f"{kind(left)} and {kind(right)} have no order", hint=hint)
    return _ordered_numbers(as_double(left), as_double(right), operator)


def _ordered_texts(a: str, b: str, operator: str) -> bool:
    return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[operator]


def _ordered_numbers(a: float, b: float, operator: str) -> bool:
    return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[operator]


def contains(left: object, right: object) -> bool:
    """`left contains right`: an element (or all elements of a list), a key, or a part of a text."""
    if left is None:
        return False
    if isinstance(left, str):
        return java_text(right, TEXT_LIMIT) in left
    if isinstance(left, Mapping):
        return isinstance(right, str | int) and right in left
    if isinstance(left, list | tuple):
        wanted = right if isinstance(right, list) else [right]
        compare = Equality()
        return all(any(compare.check(item, one) for item in left) for one in wanted)
    raise ExpressionError(
        f"Contains operator can only be used on texts, lists and maps. Actual type was: {class_name(left)}"
    )


def is_in(left: object, right: object) -> bool:
    """`left isIn right`: equal as text to an element, a key or a value; false for a text or null on the right."""
    if left is None or not isinstance(right, Mapping | list | tuple):
        return False
    text = java_text(left, TEXT_LIMIT)
    candidates = [*right.keys(), *right.values()] if isinstance(right, Mapping) else right
    budget = TEXT_LIMIT
    for item in candidates:
        found = java_text(item, budget)
        if found == text:
            return True
        budget -= 0 if isinstance(item, str) else len(found)
    return False


def truth(value: object, what: str) -> bool:
    """Whether a condition holds: booleans, numbers (0 and NaN are false), texts (empty is false; "false" is true).

    `what` names the place in the error for null, lists and maps.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value != ""
    if is_number(value):
        double = as_double(value)
        return double != 0 and double == double
    raise ExpressionError(what.format(kind=kind(value)))
