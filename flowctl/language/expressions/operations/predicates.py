"""The words after `is` and `is not`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.specs import Given, TestSpec
from flowctl.language.expressions.values import class_name, kind


def _defined(value: object, given: Given) -> bool:
    """Not null; undefined arrives here as null."""
    return value is not None


def _empty(value: object, given: Given) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, Mapping | list | tuple) and len(value) == 0)


def _null(value: object, given: Given) -> bool:
    return value is None


def _whole(value: object, name: str) -> int:
    if value is None:
        raise ExpressionError(f'Can not pass null value to "{name}" test.')
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f'The "{name}" test takes a whole number, not {class_name(value)}')
    return value


def _even(value: object, given: Given) -> bool:
    return _whole(value, "even") % 2 == 0


def _odd(value: object, given: Given) -> bool:
    return _whole(value, "odd") % 2 == 1


def _iterable(value: object, given: Given) -> bool:
    return isinstance(value, list | tuple)


def _map(value: object, given: Given) -> bool:
    return isinstance(value, Mapping)


def _json(value: object, given: Given) -> bool:
    """Whether a text reads as JSON; blank text does, as the language has it."""
    if not isinstance(value, str):
        raise ExpressionError(f'The "json" test takes a text, not {kind(value)}')
    try:
        json.loads(value or "null")
    except (ValueError, RecursionError):
        return False
    return True


TESTS: dict[str, TestSpec] = {
    "defined": TestSpec(_defined),
    "empty": TestSpec(_empty),
    "null": TestSpec(_null),
    "even": TestSpec(_even),
    "odd": TestSpec(_odd),
    "iterable": TestSpec(_iterable),
    "map": TestSpec(_map),
    "json": TestSpec(_json),
}
