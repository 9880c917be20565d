"""jq's values: order, truth, arithmetic, paths into structures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from flowctl.language.expressions.errors import ExpressionError, LimitError

Value = Any  # JSON: None, bool, int, float, str, list, dict
Path = tuple[Value, ...]
Tick = Callable[[], None]
"""Counts a step; raises LimitError when the rendering has taken too many."""


class JqError(ExpressionError):
    """An error that `try`, `?` and `//` of the program may catch; `value` is what `catch` sees."""

    def __init__(self, value: Value) -> None:
        super().__init__("jq: " + (value if isinstance(value, str) else brief(value))[:500])
        self.value = value


def kind(value: Value) -> str:
    """`null`, `boolean`, `number`, `string`, `array` or `object`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


RANKS = {"null": 0, "boolean": 1, "number": 3, "string": 4, "array": 5, "object": 6}


def compare(a: Value, b: Value, tick: Tick, depth: int = 0) -> int:
    """-1, 0 or 1 in jq's order of all values. Every list and object compared is a step."""
    if depth > 200:
        raise LimitError("jq: values are nested too deeply to compare")
    left, right = RANKS[kind(a)], RANKS[kind(b)]
    if left != right:
        return -1 if left < right else 1
    if isinstance(a, dict):
        tick()
        return _compare_objects(a, b, tick, depth)
    if isinstance(a, list):
        tick()
        for x, y in zip(a, b, strict=False):
            if found := compare(x, y, tick, depth + 1):
                return found
        a, b = len(a), len(b)
    if a != a:
        return -1  # not a number: less than all numbers, itself too
    if a is None or a == b:
        return 0
    return -1 if a < b else 1


def order(tick: Tick) -> Callable[[Value], Any]:
    """The key that sorts values in jq's order."""
    return cmp_to_key(lambda a, b: compare(a, b, tick))


def _compare_objects(a: dict[str, Value], b: dict[str, Value], tick: Tick, depth: int) -> int:
    keys, others = sorted(a), sorted(b)
    if keys != others:
        return -1 if keys < others else 1
    for key in keys:
        if found := compare(a[key], b[key], tick, depth + 1):
            return found
    return 0


def truthy(value: Value) -> bool:
    """Everything but null and false."""
    return value is not None and value is not False


def brief(value: Value) -> str:
    """The beginning of a value's JSON."""
    if isinstance(value, list) and value:
        return f"[{brief(value[0]) if not isinstance(value[0], list | dict) else '…'}{',…' if len(value) > 1 else ''}]"
    if isinstance(value, dict) and value:
        key = next(iter(value))
        item = value[key]
        return (
            "{"
            + f'"{key}":{"…" if isinstance(item, list | dict) else brief(item)}'
            + (",…" if len(value) > 1 else "")
            + "}"
        )
    return json.dumps(value[:100] if isinstance(value, str) else value, ensure_ascii=False)


def shown(value: Value) -> str:
    """A value as an error names it."""
    return f"{kind(value)} ({brief(value)[:30]})"


def normal(value: float) -> Value:
    """A whole double as an integer, as arithmetic gives it; literals and functions of mathematics keep theirs."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e17:
        return int(value)
    return value


def _add(a: Value, b: Value, tick: Tick) -> Value:
    if a is None or b is None:
        return b if a is None else a
    if kind(a) == kind(b) == "object":
        return {**a, **b}
    if kind(a) == kind(b) == "number":
        return normal(a + b)
    if kind(a) == kind(b) and kind(a) in ("string", "array"):
        return a + b
    raise JqError(f"{shown(a)} and {shown(b)} cannot be added")


def _subtract(a: Value, b: Value, tick: Tick) -> Value:
    if kind(a) == kind(b) == "number":
        return normal(a - b)
    if kind(a) == kind(b) == "array":
        return [item for item in a if all(compare(item, other, tick) for other in b)]
    raise JqError(f"{shown(a)} and {shown(b)} cannot be subtracted")


def _multiply(a: Value, b: Value, tick: Tick) -> Value:
    if kind(a) == kind(b) == "number":
        return normal(float(a) * float(b)) if isinstance(a, float) or isinstance(b, float) else a * b
    if {kind(a), kind(b)} == {"number", "string"}:
        text, times = (a, b) if isinstance(a, str) else (b, a)
        if len(text) * times > 16_000_000:
            raise LimitError("jq: a text would become too long")
        return text * max(1, int(times)) if times > 0 else None
    if kind(a) == kind(b) == "object":
        return _merge(a, b, tick)
    raise JqError(f"{shown(a)} and {shown(b)} cannot be multiplied")


def _merge(a: dict[str, Value], b: dict[str, Value], tick: Tick) -> dict[str, Value]:
    tick()
    merged = dict(a)
    for key, item in b.items():
        both = isinstance(item, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], item, tick) if both else item
    return merged


def _divide(a: Value, b: Value, tick: Tick) -> Value:
    if kind(a) == kind(b) == "number":
        if b == 0:
            raise JqError(f"{shown(a)} and {shown(b)} cannot be divided because the divisor is zero")
        exact = isinstance(a, int) and isinstance(b, int) and a % b == 0
        return a // b if exact else normal(a / b)
    if kind(a) == kind(b) == "string":
        return a.split(b) if b else list(a)
    raise JqError(f"{shown(a)} and {shown(b)} cannot be divided")


def _modulo(a: Value, b: Value, tick: Tick) -> Value:
    if kind(a) != "number" or kind(b) != "number":
        raise JqError(f"{shown(a)} and {shown(b)} cannot be divided")
    if int(b) == 0:
        raise JqError(f"{shown(a)} and {shown(b)} cannot be divided because the divisor is zero")
    return int(math.fmod(int(a), abs(int(b))))


OPERATIONS: dict[str, Callable[[Value, Value, Tick], Value]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _modulo,
    "==": lambda a, b, tick: compare(a, b, tick) == 0,
    "!=": lambda a, b, tick: compare(a, b, tick) != 0,
    "<": lambda a, b, tick: compare(a, b, tick) < 0,
    "<=": lambda a, b, tick: compare(a, b, tick) <= 0,
    ">": lambda a, b, tick: compare(a, b, tick) > 0,
    ">=": lambda a, b, tick: compare(a, b, tick) >= 0,
}


def index(value: Value, key: Value) -> Value:
    """`value[key]`; null for what is not there. A `slice` object selects a part."""
    if isinstance(key, dict):
        return _slice(value, key.get("start"), key.get("end"))
    if value is None and (key is None or isinstance(key, str | int | float)):
        return None
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and kind(key) == "number":
        if not float(key).is_integer():
            return None
        at = int(key)
        return value[at] if -len(value) <= at < len(value) else None
    if isinstance(value, list) and isinstance(key, list):
        raise JqError("Cannot index array with array; use `indices`")
    if isinstance(key, str):
        raise JqError(f'Cannot index {kind(value)} with "{key}"')
    raise JqError(f"Cannot index {kind(value)} with {kind(key)}")


def _slice(value: Value, start: Value, end: Value) -> Value:
    if value is None:
        return None
    if not isinstance(value, list | str):
        raise JqError(f"Cannot index {kind(value)} with object")
    for bound in (start, end):
        if bound is not None and kind(bound) != "number":
            raise JqError("Start and end indices of an array slice must be numbers")
    first = None if start is None else math.floor(start)
    last = None if end is None else math.ceil(end)
    return value[first:last]


def get_path(value: Value, path: Path) -> Value:
    """What a path leads to; null for what is not there."""
    for step in path:
        value = index(value, step)
    return value


def set_path(value: Value, path: Path, new: Value) -> Value:
    """A copy with another value at the end of a path."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str) and (value is None or isinstance(value, dict)):
        return {**(value or {}), step: set_path((value or {}).get(step), rest, new)}
    if kind(step) == "number" and (value is None or isinstance(value, list)):
        return _set_item(value or [], math.floor(step), rest, new)
    if isinstance(step, dict) and (value is None or isinstance(value, list)):
        return _set_slice(value or [], step, rest, new)
    raise JqError(f"Cannot update field at {kind(step)} index of {kind(value)}")


def _set_item(value: list[Value], at: int, rest: Path, new: Value) -> list[Value]:
    at = at + len(value) if at < 0 else at
    if at < 0:
        raise JqError("Out of bounds negative array index")
    if at > 1_000_000:
        raise LimitError("jq: an array would become too long")
    copy = value + [None] * (at + 1 - len(value))
    copy[at] = set_path(copy[at], rest, new)
    return copy


def _set_slice(value: list[Value], step: dict[str, Value], rest: Path, new: Value) -> list[Value]:
    bounds = slice(step.get("start"), step.get("end")).indices(len(value))
    part = set_path(value[bounds[0] : bounds[1]], rest, new)
    if not isinstance(part, list):
        raise JqError("A slice of an array can only be assigned another array")
    return value[: bounds[0]] + part + value[max(bounds) :]


def delete_paths(value: Value, paths: list[Path], tick: Tick) -> Value:
    """A copy without what the paths lead to."""
    for path in sorted(map(list, paths), key=order(tick), reverse=True):
        value = _delete(value, tuple(path))
    return value


def _delete(value: Value, path: Path) -> Value:
    if not path:
        return None
    step, rest = path[0], path[1:]
    if value is None:
        return None
    if rest:
        inner = index(value, step)
        return value if inner is None else set_path(value, (step,), _delete(inner, rest))
    if isinstance(value, dict) and isinstance(step, str):
        return {key: item for key, item in value.items() if key != step}
    if isinstance(value, list) and isinstance(step, dict):
        bounds = slice(step.get("start"), step.get("end")).indices(len(value))
        return value[: bounds[0]] + value[max(bounds[0], bounds[1]) :]
    if isinstance(value, list) and kind(step) == "number":
        at = math.floor(step) + (len(value) if step < 0 else 0)
        return [item for i, item in enumerate(value) if i != at]
    raise JqError(f"Cannot delete field at {kind(step)} index of {kind(value)}")
