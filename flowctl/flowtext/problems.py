"""Why a text is not one sound YAML document, as stable words instead of a parser's prose."""

from __future__ import annotations

import re

_KINDS: tuple[tuple[str, str], ...] = (
    (r"maximum nesting depth", "depth"),
    (r"expected a single document", "documents"),
    (r"undefined alias", "alias"),
    (r"scanning an alias|scanning an anchor", "anchor-name"),
    (r"duplicate anchor", "anchor"),
    (r"scanning a quoted scalar.*unexpected end of stream", "quote"),
    (r"unknown escape character|hexdecimal number|hexadecimal number|invalid Unicode character escape", "escape"),
    (r"document separator|unexpected document", "quote"),
    (r"directive|incompatible YAML document", "directive"),
    (r"tag", "tag"),
    (r"scanning a block scalar", "block-scalar"),
    (r"mapping values are not allowed", "colon"),
    (r"tab character", "tab"),
    (r"cannot start any token", "character"),
    (r"sequence entries are not allowed", "dash"),
    (r"expected ',' or|flow (sequence|mapping|node)", "bracket"),
    (r"could not find expected ':'", "missing-colon"),
    (r"block (mapping|collection|sequence)|document start", "indentation"),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in _KINDS)
_BEHIND_QUOTE = re.compile("['\"] *$")
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)


class YamlProblem(Exception):
    """A text that is not one sound YAML document.

    `kind` is a stable word, one of those in `_KINDS` or `characters`, `conflict`, `after-quote`, `key`, `size`,
    `expression`, `recursive`, `syntax`; `message` what the parser says; line and column count from 1.
    """

    def __init__(self, kind: str, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.kind, self.message, self.line, self.column = kind, message, line, column


def classify(context: str, problem: str, text: str, index: int) -> str:
    """The kind of a parser's error; `index` is where in the text it stopped."""
    found = next((kind for pattern, kind in _COMPILED if pattern.search(f"{context} {problem}")), "syntax")
    if found == "character" and text[index : index + 1] == "\t":
        return "tab"
    if found == "indentation" and _BEHIND_QUOTE.search(text[:index].rpartition("\n")[2]):
        return "after-quote"
    return found


def forbidden_character(text: str) -> YamlProblem | None:
    """The first character that YAML does not allow in a text, as a problem."""
    match = _NOT_YAML.search(text)
    if match is None:
        return None
    line, column = line_and_column(text, match.start())
    return YamlProblem("characters", f"the character U+{ord(match[0]):04X} is not allowed in YAML", line, column)


def left_conflict(text: str) -> YamlProblem | None:
    """The marker of a merge that nobody finished, where a text has one; Git writes it at the start of a line."""
    match = _CONFLICT.search(text)
    if match is None:
        return None
    line, column = line_and_column(text, match.start())
    return YamlProblem("conflict", "a merge conflict", line, column)


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """Line and column, both from 1, of an index into a text."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
