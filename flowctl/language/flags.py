"""Booleans as flow texts may have them: a server takes the texts `true` and `false` and whole numbers for one, too."""

from __future__ import annotations

_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
TRUTH = (*_TRUE, *_FALSE)
"""The texts that are booleans. They are what servers read, and what validation lets pass."""


def is_on(value: object) -> bool:
    """Whether a value is true, said in one of these ways."""
    if isinstance(value, str):
        return value.strip() in _TRUE
    return isinstance(value, int) and bool(value)


def is_off(value: object) -> bool:
    """Whether a value is false, said in one of these ways; an absent or empty one is neither."""
    if isinstance(value, str):
        return value.strip() in _FALSE
    return isinstance(value, int) and not value
