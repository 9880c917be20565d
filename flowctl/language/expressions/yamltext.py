"""Values → YAML, in the style that the `yaml` filter writes.

Lists are indented by one space, texts are quoted only where they would read as something else, texts over several
lines are literal blocks, null entries of maps are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from flowctl.language.expressions.errors import LimitError
from flowctl.language.expressions.printing import java_text, json_string
from flowctl.language.expressions.scalars import scalar_text
from flowctl.language.expressions.values import MapEntry
from flowctl.language.expressions.writing import Check, Writer, unchecked

MAX_DEPTH = 100
WORDS = ("false", "no", "null", "on", "off", "true", "yes")
RESERVED = frozenset(
    {"n", "N", "y", "Y", "x", "~", *WORDS, *(word.capitalize() for word in WORDS), *(word.upper() for word in WORDS)}
)
QUOTABLE = re.compile(r"[\[\]{},]|: |:$| #|^[-?:](?: |$)|^[&*!|>'\"%@`#]|^\s|\s$|^---|^\.\.\.|^$|\ufeff")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|\r")


def write_yaml(value: object, limit: int, check: Check = unchecked) -> str:
    """The value as a YAML document without markers. Raises LimitError past `limit` characters."""
    if value is None:
        return "null\n"
    if isinstance(value, Mapping | list | tuple) and not isinstance(value, MapEntry):
        out = _Lines(limit, check)
        _block(value, out, 0, 0)
        return out.text()
    text = java_text(value, limit, check)
    return (_scalar_text(text, 0, nested=False) if isinstance(value, str) else text) + "\n"


class _Lines(Writer):
    """Lines of text within limits."""

    def add(self, text: str) -> None:
        """Appends a line."""
        super().add(text + "\n")


def _block(value: object, out: _Lines, indent: int, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LimitError(f"A value is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        entries = [(k, v) for k, v in value.items() if v is not None]
        if not entries:
            out.add(" " * indent + "{}")
        for key, item in entries:
            _entry(" " * indent + _key(key) + ":", item, out, indent, depth)
    elif isinstance(value, list | tuple):
        if not value:
            out.add(" " * indent + "[]")
        for item in value:
            _entry(" " * indent + " -", item, out, indent + 2, depth)


def _entry(start: str, item: object, out: _Lines, indent: int, depth: int) -> None:
    """A key or a dash, and what belongs to it: on the same line, or in a block below."""
    if isinstance(item, Mapping | list | tuple) and not isinstance(item, MapEntry):
        if not item or (isinstance(item, Mapping) and all(v is None for v in item.values())):
            out.add(f"{start} {'{}' if isinstance(item, Mapping) else '[]'}")
            return
        out.add(start)
        deeper = indent if start.endswith(" -") else indent + (0 if isinstance(item, list | tuple) else 2)
        _block(item, out, deeper, depth + 1)
    elif isinstance(item, str):
        out.add(f"{start} {_scalar_text(item, indent + (0 if start.endswith(' -') else 2), nested=True)}")
    else:
        out.add(f"{start} {scalar_text(item)}")


def _key(key: object) -> str:
    text = java_text(key, 10_000)
    return _quoted(text) if text in RESERVED or QUOTABLE.search(text) or "\n" in text else text


def _quoted(text: str) -> str:
    return json_string(text)


def _scalar_text(text: str, indent: int, *, nested: bool) -> str:
    if "\n" in text and not CONTROL.search(text) and not text[:1].isspace():
        return _literal(text, indent or 2)
    if (nested and text in RESERVED) or QUOTABLE.search(text) or CONTROL.search(text) or "\n" in text:
        return _quoted(text)
    return text


def _literal(text: str, indent: int) -> str:
    ending = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return "|" + ending + "".join("\n" + (" " * indent + line if line else "") for line in lines)
