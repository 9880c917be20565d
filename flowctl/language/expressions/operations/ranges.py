"""`a..b` and `range(a, b, step)`: whole numbers or letters, both ends included."""

from __future__ import annotations

import math
from decimal import Decimal

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.values import Long


def span(run: Run, start: object, end: object, step: object) -> list[object]:
    """The list from `start` to `end`; empty when the step leads away from it. Counts as many steps as items."""
    step = 1 if step is None else _cut(step)
    if not step:
        raise ExpressionError("The step of a range is a whole number other than 0")
    first, last, letters = _bounds(start, end)
    numbers = range(first, last + (1 if step > 0 else -1), step)
    count = max(0, (last - first) // step + 1)
    run.check_items(count)
    run.tick(count // 100)
    if letters:
        return [chr(number) for number in numbers]
    return [Long(number) for number in numbers]


def _bounds(start: object, end: object) -> tuple[int, int, bool]:
    if isinstance(start, str) and isinstance(end, str) and len(start) == len(end) == 1:
        return ord(start), ord(end), True
    first, last = _cut(start), _cut(end)
    if first is not None and last is not None:
        return first, last, False
    raise ExpressionError("Arguments of range function must be of type Number or String with a length of 1")


def _cut(value: object) -> int | None:
    """A number without its fraction; None for anything else and for what has no whole part."""
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        return None
    return int(value) if math.isfinite(value) else None
