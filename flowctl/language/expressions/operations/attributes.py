"""`a.b`, `a[b]` and `a.method(…)`.

A map's key always wins over a method of the same name. Methods are an allow-list (`methods`); nothing of Python's own
objects is reachable.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.expressions.errors import ExpressionError, UndefinedError
from flowctl.language.expressions.java import methods
from flowctl.language.expressions.java.printing import java_text
from flowctl.language.expressions.suggestions import closest_key
from flowctl.language.expressions.values import JavaSet, MapEntry, is_integer, is_number


def attribute(target: object, key: object) -> object:
    """The value under a key, an index, or a bean property such as `list.size`. Raises UndefinedError."""
    if isinstance(target, MapEntry):
        found: dict[object, object] = {"key": target.key, "value": target.value}
        return _from_map(found, key)
    if isinstance(target, Mapping):
        return _from_map(target, key)
    if isinstance(target, list | tuple) and not isinstance(target, JavaSet):
        return _from_list(target, key)
    if isinstance(key, str) and target is not None:
        return methods.bean(target, key)
    raise _undefined(key)


def _undefined(key: object, hint: str = "") -> UndefinedError:
    return UndefinedError(java_text(key, 1000), hint=hint)


def _from_map(target: Mapping[object, object], key: object) -> object:
    if is_number(key) and target and not any(is_integer(k) for k in target):
        raise ExpressionError(
            f"type class java.lang.String not supported for key {java_text(key, 100)}",
            hint=f"the map's keys are texts: write ['{java_text(key, 100)}']",
        )
    if isinstance(key, str | int) and not isinstance(key, bool) and key in target:
        return target[key]
    raise _undefined(key, closest_key(key, target) if isinstance(key, str) else "")


def _from_list(target: list[object] | tuple[object, ...], key: object) -> object:
    index = key
    if isinstance(key, str):
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            return methods.bean(target, key)
        index = int(key)
    if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(target):
        return target[index]
    raise _undefined(key)


def call_method(target: object, name: str, arguments: list[object]) -> object:
    """The result of `target.name(arguments)`. Raises UndefinedError for a method that does not exist."""
    if target is None:
        raise UndefinedError(name)
    return methods.call(target, name, arguments)
