"""Values → YAML, in the style that the `yaml` filter writes.

Lists are indented by one space. A text is in double quotes where it would read as something else or has characters
that YAML marks structure with, in single quotes where its beginning or end would mislead, and a literal block over
several lines. Null entries of maps are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from flowctl.language.expressions.errors import LimitError
from flowctl.language.expressions.java.printing import java_text, json_string
from flowctl.language.expressions.java.scalars import scalar_text
from flowctl.language.expressions.values import MapEntry
from flowctl.language.expressions.writing import Check, Writer, unchecked

MAX_DEPTH = 100
WORDS = ("false", "no", "null", "on", "off", "true", "yes")
RESERVED = frozenset({"n", "N", "y", "Y", "~", *WORDS, *(w.capitalize() for w in WORDS), *(w.upper() for w in WORDS)})
"""Texts that another reader would take for a boolean or for null."""
QUOTABLE = re.compile(r"[\[\]{},]|:\s|:$|\s#|^#|^$")
INDICATORS = re.compile(r"[\[\]{},&*!|>'\"%@`#]|[-?:](?:\s|$)|---|\.\.\.")
NOT_PLAIN = re.compile(r"^\s|\s$|: |:$| #")
SPECIAL = re.compile(r"[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
NO_YAML = re.compile(r"[\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""Characters that no YAML text may have as they are, not even in quotes."""
SPACE_BREAK = re.compile(r" (?:\n|$)")
NUMBERLIKE = re.compile(r"[0-9+\-.]")
LONGEST_KEY = 128


def write_yaml(value: object, limit: int, check: Check = unchecked) -> str:
    """The value as a YAML document without markers. Raises LimitError past `limit` characters."""
    if value is None:
        return "null"
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
        if not value:
            out.add(" " * indent + "{}")
        for key, item in value.items():
            name = _key(key)
            if len(name) > LONGEST_KEY or name == '""' or "\\n" in name:
                out.add(" " * indent + "? " + name)
                name = ""
            _entry(" " * indent + name + ":", item, out, indent, depth)
    elif isinstance(value, list | tuple):
        if not value:
            out.add(" " * indent + "[]")
        for item in value:
            _entry(" " * indent + " -", item, out, indent + 2, depth)


def _entry(start: str, item: object, out: _Lines, indent: int, depth: int) -> None:
    """A key or a dash, and what belongs to it: on the same line, or in a block below."""
    if isinstance(item, Mapping | list | tuple) and not isinstance(item, MapEntry):
        if not item:
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
    if not isinstance(key, str):
        return java_text(key, 10_000)
    if key in RESERVED or NUMBERLIKE.match(key) or not key or "\n" in key:
        return _quoted(key)
    return _plain_or_quoted(key)


def _plain_or_quoted(text: str) -> str:
    """The text without quotes, in single ones where that would not read back, in double ones where nothing else can."""
    if SPECIAL.search(text):
        return _quoted(text)
    if INDICATORS.match(text) or NOT_PLAIN.search(text):
        return "'" + text.replace("'", "''") + "'"
    return text


def _scalar_text(text: str, indent: int, *, nested: bool) -> str:
    if text in RESERVED:
        return json_string(text)
    if "\n" in text:
        blocked = SPECIAL.search(text) or SPACE_BREAK.search(text)
        return _quoted(text) if blocked else _literal(text, indent or 2)
    if not text:
        return '""' if nested else '--- ""'
    return _quoted(text) if QUOTABLE.search(text) else _plain_or_quoted(text)


def _quoted(text: str) -> str:
    return NO_YAML.sub(_escaped, json_string(text))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _literal(text: str, indent: int) -> str:
    hint = "2" if text[0] in " \n" else ""
    ending = "-" if not text.endswith("\n") else "+" if text == "\n" or text.endswith("\n\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return "|" + hint + ending + "".join("\n" + (" " * indent + line if line else "") for line in lines)
