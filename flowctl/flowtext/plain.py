"""Plain values as short text, for messages."""

from __future__ import annotations

import json

_WIDTH = 60


def shown(value: object, width: int = _WIDTH) -> str:
    """A value the way YAML people write it, at most `width` characters: `'abc'`, `true`, `3`, `{a: 1}`, `null`."""
    text = _text(value).replace("\n", "\\n")
    return text if len(text) <= width else text[: width - 1] + "…"


def kind_of(value: object) -> str:
    """What a value is, in words: `text`, `a number`, `true or false`, `a list`, `a map`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    words: dict[str, str] = {"str": "text", "list": "a list", "dict": "a map"}
    return words.get(type(value).__name__, type(value).__name__)


def _text(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return json.dumps(value)
