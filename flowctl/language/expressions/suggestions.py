"""Hints for misspelt names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

HYPHENATED = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*)\.(\w+(?:-\w+)+)((?:\.\w+)*)")


MISTAKES = (
    (re.compile(r"\bexecution\.state\.message\b"), "the messages of failed tasks are in `errorLogs()[0].message`"),
    (re.compile(r"(?<![\w.'\"])error\b(?!\()"), "there is no variable `error`; use `errorLogs()`"),
    (re.compile(r"\btaskRun\b"), "did you mean `taskrun`?"),
    (re.compile(r"(?<![\w.'\"])taskruns\b"), "there is no variable `taskruns`; `tasks` has the states by task"),
)
"""Spellings that are often tried but never existed."""


def mistake(template: str, offset: int) -> str:
    """A hint for a well-known mistake that stands in the template at `offset`."""
    for pattern, hint in MISTAKES:
        if any(found.start() <= offset < found.end() for found in pattern.finditer(template)):
            return hint
    return ""


def closest(name: str, known: Iterable[object]) -> str:
    """`did you mean …?` with the closest known name, or nothing."""
    found = _closest(name, known)
    return f"did you mean `{found}`?" if found else ""


def closest_key(name: str, known: Iterable[object]) -> str:
    """As `closest`, for a key of a map; one that cannot stand behind a dot in brackets."""
    found = _closest(name, known)
    if not found:
        return ""
    return f"did you mean `{found}`?" if found.isidentifier() else f"did you mean `['{found}']`?"


def _closest(name: str, known: Iterable[object]) -> str:
    names = sorted({k for k in known if isinstance(k, str)})
    lowered = {k.lower(): k for k in reversed(names)}
    if name.lower() in lowered and lowered[name.lower()] != name:
        return lowered[name.lower()]
    return next(iter(difflib.get_close_matches(name, names[:2000], 1, 0.7)), "")


def hyphen(template: str, offset: int) -> str:
    """The bracket spelling of an id with hyphens that was reached with dots, where one stands at `offset`.

    A hyphen is the minus operator, so `outputs.transform-data.value` subtracts.
    """
    for found in HYPHENATED.finditer(template):
        if found.start() <= offset <= found.end():
            before, name, after = found.groups()
            return f"a hyphen is the minus operator; did you mean `{before}['{name}']{after}`?"
    return ""
