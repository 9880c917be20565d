"""Java regular expressions on the `regex` library, which knows possessive quantifiers, set operations and time limits.

A pattern is translated once and remembered. Every search has a time limit, so that a pattern with catastrophic
backtracking fails its template and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from flowctl.language.expressions.errors import ExpressionError, LimitError

if TYPE_CHECKING:
    import regex

MAX_PATTERN = 10_000
DEFAULT_TIMEOUT = 1.0
PROPERTIES = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7F",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1F\x7F",
    "XDigit": "0-9a-fA-F",
    "Space": r" \t\n\x0B\f\r",
}
"""POSIX classes, which cover ASCII in Java."""
JAVA_METHODS = {"javaLowerCase": "Ll", "javaUpperCase": "Lu", "javaLetter": "L", "javaDigit": "Nd"}
TOKEN = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|\Z)"
    r"|\\(?P<negated>[pP])\{(?P<property>[^}]*)\}"
    r"|\\k<(?P<backreference>\w+)>"
    r"|\\x\{(?P<code>[0-9A-Fa-f]{1,6})\}"
    r"|\\(?P<escape>.)"
    r"|(?P<class>\[\^?\]?)|(?P<end>\])"
    r"|(?P<double>--|\|\||~~)"
    r"|(?P<other>.)",
    re.DOTALL,
)
CLASSES = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[a-zA-Z0-9_]",
    "W": "[^a-zA-Z0-9_]",
    "s": r"[ \t\n\x0B\f\r]",
    "S": r"[^ \t\n\x0B\f\r]",
}
"""Classes that cover ASCII in Java; sets nest, so they may stand inside a class as well."""
ESCAPES = {"h": r"[ \t\xA0\u1680\u180E\u2000-\u200A\u202F\u205F\u3000]", "Z": r"(?=\n?\z)", "z": r"\Z", "e": r"\x1B"}
T = TypeVar("T")
REPEAT = re.compile(
    r"\\Q.*?(?:\\E|\Z)|\\.|\[(?:\\.|[^\]\\])*\]|(?P<open>\()|(?P<close>\))|\{(?P<least>\d+)(?:,\d*)?\}|.", re.DOTALL
)
MAX_EXPANDED = 20_000
"""Elements that a pattern may grow to when its counted repetitions are written out, as the library does."""


def _check_size(pattern: str) -> None:
    """Refuses nested counted repetitions such as `((a{999}){999}){999}`, whose compilation would fill the memory."""
    totals, last = [0], 0
    for found in REPEAT.finditer(pattern):
        if found["open"]:
            totals.append(0)
            last = 0
        elif found["close"] and len(totals) > 1:
            last = totals.pop()
            totals[-1] += last
        elif found["least"] is not None:
            totals[-1] += last * (int(found["least"][:9]) - 1)
            last *= int(found["least"][:9])
        else:
            totals[-1] += 1
            last = 1
        if totals[-1] > MAX_EXPANDED:
            raise LimitError(f"The repetitions of a regular expression grow past {MAX_EXPANDED} elements")


def translate(pattern: str) -> str:
    """The pattern in the spelling of the `regex` library."""
    out: list[str] = []
    depth = 0
    for found in TOKEN.finditer(pattern):
        if found["class"] is not None:
            depth += 1
            out.append(found["class"] if not found["class"].endswith("]") else found["class"][:-1] + r"\]")
        elif found["end"] is not None:
            out.append("]" if depth else r"\]")
            depth = max(0, depth - 1)
        else:
            out.append(_piece(found, depth > 0))
    return "".join(out)


def _piece(found: re.Match[str], inside: bool) -> str:
    if found["quoted"] is not None:
        return re.escape(found["quoted"])
    if found["property"] is not None:
        return _property(found["property"], found["negated"] == "P", inside)
    if found["backreference"] is not None:
        return f"(?P={found['backreference']})"
    if found["code"] is not None:
        return f"\\U{int(found['code'], 16):08x}"
    if found["escape"] in CLASSES:
        return CLASSES[found["escape"]]
    if found["escape"] is not None:
        return ESCAPES.get(found["escape"], "\\" + found["escape"]) if not inside else "\\" + found["escape"]
    if found["double"] is not None:
        return "".join("\\" + c for c in found["double"]) if inside else found["double"]
    return found["other"]


def _property(name: str, negated: bool, inside: bool) -> str:
    if name in PROPERTIES:
        return f"[{'^' if negated else ''}{PROPERTIES[name]}]"
    name = JAVA_METHODS.get(name, name)
    name = name[2:] if name[:2] in ("Is", "In") and len(name) > 3 else name
    return f"\\{'P' if negated else 'p'}{{{name}}}"


@lru_cache(maxsize=512)
def compiled(pattern: str) -> regex.Pattern[str]:
    """The compiled pattern. Raises ExpressionError for one that cannot be read."""
    import regex

    if len(pattern) > MAX_PATTERN:
        raise LimitError(f"A regular expression has at most {MAX_PATTERN} characters")
    _check_size(pattern)
    try:
        return regex.compile(translate(pattern), regex.V1)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise ExpressionError(f"Invalid regex '{pattern[:200]}': {error}") from None


def _guarded(pattern: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except TimeoutError:
        raise LimitError(
            f"The regular expression '{pattern[:200]}' takes too long on this text",
            hint="avoid nested repetitions such as (a+)+",
        ) from None
    except (MemoryError, RecursionError):
        raise LimitError(f"The regular expression '{pattern[:200]}' needs too much memory") from None


def search(pattern: str, text: str, timeout: float = DEFAULT_TIMEOUT) -> regex.Match[str] | None:
    """The first match."""
    return _guarded(pattern, lambda: compiled(pattern).search(text, timeout=timeout))


def find_all(pattern: str, text: str, timeout: float = DEFAULT_TIMEOUT) -> list[regex.Match[str]]:
    """All matches."""
    return _guarded(pattern, lambda: list(compiled(pattern).finditer(text, timeout=timeout)))


def fullmatch(pattern: str, text: str, timeout: float = DEFAULT_TIMEOUT) -> bool:
    """Whether the whole text matches."""
    return _guarded(pattern, lambda: compiled(pattern).fullmatch(text, timeout=timeout)) is not None


def replace(pattern: str, replacement: str, text: str, limit: int, timeout: float = DEFAULT_TIMEOUT) -> str:
    """Every match replaced. Raises LimitError past `limit` characters."""
    parts = _replacement(replacement, compiled(pattern))
    size = len(text)

    def expand(found: regex.Match[str]) -> str:
        nonlocal size
        new = "".join(part if isinstance(part, str) else found.group(part[0]) or "" for part in parts)
        size += len(new)
        if size > limit:
            raise LimitError(f"A text is longer than {limit} characters")
        return new

    return _guarded(pattern, lambda: compiled(pattern).sub(expand, text, timeout=timeout))


REFERENCE = re.compile(r"\\(.)|\$\{(\w+)\}|\$(\d)(\d*)|([$\\])", re.DOTALL)


def _replacement(text: str, pattern: regex.Pattern[str]) -> list[str | tuple[int | str]]:
    """Literal texts and group references of a replacement, as `Matcher.appendReplacement` reads it."""
    parts: list[str | tuple[int | str]] = []
    pos = 0
    for found in REFERENCE.finditer(text):
        if found.start() < pos:
            continue
        parts.append(text[pos : found.start()])
        pos = found.end()
        if found.group(5):
            raise ExpressionError(
                "Illegal group reference" if found.group(5) == "$" else "character to be escaped is missing"
            )
        if found.group(1) is not None:
            parts.append(found.group(1))
        elif found.group(2):
            if found.group(2) not in pattern.groupindex:
                raise ExpressionError(f"No group with name {{{found.group(2)}}}")
            parts.append((found.group(2),))
        else:
            number, rest = _group_number(found.group(3), found.group(4), pattern.groups)
            parts += [(number,), rest]
    return [*parts, text[pos:]]


def _group_number(first: str, more: str, groups: int) -> tuple[int, str]:
    """As many digits as still name an existing group; the rest is text."""
    number = int(first)
    if number > groups:
        raise ExpressionError(f"No group {number}")
    while more and number * 10 + int(more[0]) <= groups:
        number, more = number * 10 + int(more[0]), more[1:]
    return number, more


def split(pattern: str, text: str, limit: int, timeout: float = DEFAULT_TIMEOUT) -> list[str]:
    """The parts between matches, as `String.split(pattern, limit)` cuts them."""
    parts: list[str] = []
    start = 0
    for a, b in (m.span() for m in find_all(pattern, text, timeout)):
        if b == 0 or len(parts) == limit - 1:
            continue
        parts.append(text[start:a])
        start = b
    if not parts and start == 0:
        return [text]
    parts.append(text[start:])
    if limit == 0:
        while parts and not parts[-1]:
            parts.pop()
    return parts
