"""What nobody may read off a plan: webhook keys, values of secret inputs, literal passwords and tokens.

Expressions (`{{ secret('X') }}`) name a secret and are shown. The rules know places and names, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowctl.flowtext.document import Document, Path


MASK = "******"

_NAMED = re.compile(
    r"(passw(or)?d|passphrase|secret|token|api[_-]?key|(access|private|secret|account)[_-]?key"
    r"|authorization|credentials?|connection[_-]?string)$",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_SCHEME = re.compile(r"(basic|bearer)\b", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@{]+:([^@\s/{]+)(?=@)")
_PAIR = re.compile(r"""(?<![\w.-])['"]?([\w.-]+)['"]?\s*:\s+""")
_HINTS = ("webhook", "secret", "passw", "passphrase", "token", "key", "authorization", "credential", "connection")
_LONG = 8

Span = tuple[int, int, int]
Names = frozenset[object]


class Hidden(str):
    """A secret scalar: compared by its value, shown as `MASK`."""

    __slots__ = ()


def veil(value: object) -> object:
    """A copy of a document in which every secret scalar is `Hidden`."""
    return _veil(value, (), {}, _secret_inputs(value))


def _veil(value: object, path: Path, parent: dict[str, object], inputs: Names) -> object:
    if isinstance(value, dict):
        return {key: _veil(item, (*path, key), value, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_veil(item, (*path, index), parent, inputs) for index, item in enumerate(value)]
    if _is_scalar(value) and _is_secret(path, parent, str(value), inputs):
        return Hidden(value)
    return _URL_PASSWORD.sub(_hide_password, value) if isinstance(value, str) and "://" in value else value


def _hide_password(found: re.Match[str]) -> str:
    return found[0][: -len(found[1])] + MASK


def _is_scalar(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _is_secret(path: Path, parent: dict[str, object], text: str, inputs: Names) -> bool:
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    kind = str(parent.get("type", ""))
    declared = "SECRET" in (kind, parent.get("itemType"))
    by_place = (name == "key" and kind.endswith(".Webhook")) or (name in ("defaults", "prefill") and declared)
    by_place = by_place or (path[:1] == ("triggers",) and path[2:3] == ("inputs",) and not inputs.isdisjoint(path[3:]))
    if not by_place and (name == "type" or not _NAMED.search(name)):
        return False
    return bool(_SCHEME.sub("", _EXPRESSION.sub("", text)).strip())


def _secret_inputs(value: object) -> Names:
    """The ids of a flow's SECRET inputs, those of forms too; of a dotted id the last part as well."""
    declared = value.get("inputs") if isinstance(value, dict) else None
    found: set[object] = set()
    for item in declared if isinstance(declared, list) else []:
        if isinstance(item, dict):
            if "SECRET" in (item.get("type"), item.get("itemType")):
                found |= {str(item.get("id")), str(item.get("id")).rpartition(".")[2]}
            found |= _secret_inputs(item)
    return frozenset(found)


def worth_a_look(text: str) -> bool:
    """Whether a text might hold anything secret; most do not, and need no parse to say so."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS) or ("://" in text and _URL_PASSWORD.search(text) is not None)


def hidden_spans(text: str, document: Document) -> tuple[Span, ...]:
    """The parts of a text that no view may print: line, start and end column, from 0.

    A secret hides the rest of its line, and the lines that continue it; a long one every other place it stands.
    """
    lines = text.splitlines()
    spans: set[Span] = set()
    for path, value in _secrets(document.value, (), {}, _secret_inputs(document.value)):
        spans.update(_at(document, path, lines))
        if len(value) >= _LONG and "\n" not in value:
            spans.update(_everywhere(value, lines))
    for number, line in enumerate(lines):
        spans.update((number, *found.span(1)) for found in _URL_PASSWORD.finditer(line))
    return tuple(sorted(spans))


def whole_text(text: str) -> tuple[Span, ...]:
    """Spans that hide every line: for a text that cannot be parsed and might hold something secret."""
    return tuple((number, 0, len(line)) for number, line in enumerate(text.splitlines()) if line)


def spans_by_line(text: str) -> tuple[Span, ...]:
    """The same as far as single lines tell it, for a text that cannot be parsed and has to be shown nevertheless.

    Any `key:` is taken for that of a webhook. What continues on further lines is not found.
    """
    spans: list[Span] = []
    for number, line in enumerate(text.splitlines()):
        spans.extend((number, *found.span(1)) for found in _URL_PASSWORD.finditer(line))
        for found in _PAIR.finditer(line):
            value = line[found.end() :]
            named = found[1] == "key" or _NAMED.search(found[1])
            if named and _SCHEME.sub("", _EXPRESSION.sub("", value)).strip(" \t'\"[{|>"):
                spans.append((number, found.end(), len(line)))
    return tuple(sorted(spans))


def _secrets(value: object, path: Path, parent: dict[str, object], inputs: Names) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _secrets(item, (*path, key), value, inputs)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secrets(item, (*path, index), parent, inputs)
    elif _is_scalar(value) and _is_secret(path, parent, str(value), inputs):
        yield path, str(value)


def _at(document: Document, path: Path, lines: list[str]) -> Iterator[Span]:
    position, outer = document.position(path), document.position(path[:-1])
    number, indent = position.line - 1, outer.column - 1
    if number >= len(lines):
        return
    yield number, position.column - 1, len(lines[number])
    for following in range(number + 1, len(lines)):
        line = lines[following]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return
        if line.strip():
            yield following, 0, len(line)


def _everywhere(value: str, lines: list[str]) -> Iterator[Span]:
    for number, line in enumerate(lines):
        start = line.find(value)
        while start >= 0:
            yield number, start, start + len(value)
            start = line.find(value, start + len(value))
