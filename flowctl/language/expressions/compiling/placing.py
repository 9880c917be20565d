"""Giving errors their place in the template."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.language.expressions.errors import ExpressionError


def placed(pos: int, function: Callable[..., object], *arguments: object) -> object:
    """What the function returns; an error without a place gets this offset."""
    try:
        return function(*arguments)
    except ExpressionError as error:
        if error.offset is None:
            error.offset = pos
        raise
