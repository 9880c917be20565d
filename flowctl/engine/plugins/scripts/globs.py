"""Globs over paths as the flow language uses them: `*` inside a name, `**` over directories, `{a,b}`."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_translate(pattern.removeprefix("glob:").lstrip("/")) + r"\Z")


def _translate(pattern: str) -> str:
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            out += "(?:.*/)?"
            at += 3
            continue
        if pattern.startswith("**", at):
            out += ".*"
            at += 2
            continue
        out += _single(char)
        at += 1
    return out


def _single(char: str) -> str:
    return {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}.get(char, re.escape(char))


def matches(pattern: str, path: str) -> bool:
    """Whether a path relative to some top matches. A pattern with a regular expression's `.*` is read as one."""
    plain = path.lstrip("/")
    if pattern.startswith("regex:") or ".*" in pattern:
        return re.fullmatch(pattern.removeprefix("regex:").lstrip("/"), plain) is not None
    return _compiled(pattern).match(plain) is not None
