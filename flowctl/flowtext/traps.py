"""YAML 1.1/1.2 traps: texts that a server reads as something else than their author meant.

`flowctl.flowtext.scalars` knows what a server reads. In a place where text is meant (an id, a label, a choice of an
input) a wrong reading is an error; elsewhere it may be meant, and is a warning at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from yaml.nodes import MappingNode, Node, ScalarNode

from flowctl.flowtext.composing import BOM
from flowctl.flowtext.document import Document, Path, start
from flowctl.flowtext.problems import line_and_column
from flowctl.flowtext.scalars import plain_value

Severity = Literal["error", "warning", "info"]

_WORDS = frozenset(("yes", "no", "on", "off"))
_INVISIBLE = re.compile("[\xa0\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_OTHER_OCTAL = re.compile(r"[-+]?0o[0-7]+")
_CLOCK = re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?")
_TEXT_INPUTS = frozenset(("STRING", "SELECT", "ENUM", "MULTISELECT", "SECRET", "EMAIL", "URI", None))
_NAMES = frozenset(("id", "namespace", "type", "flowId"))


@dataclass(frozen=True, slots=True)
class Trap:
    """One of them, with its code of the catalogue; line and column from 1."""

    path: Path
    code: str
    message: str
    hint: str
    severity: Severity
    line: int
    column: int


def find_traps(text: str, document: Document) -> Iterator[Trap]:
    """Every trap of a document; `text` is what it was parsed from."""
    if not text.isascii():
        yield from _invisible(text)
    if document.tagged:
        yield from _tags(document)
    for node in document.odd:
        if _suspect(node.value):
            yield from _odd(node, document)


def _suspect(text: str) -> bool:
    """Whether a plain scalar is worth the search for its path: a simple number, `true`, `false` or nothing is not."""
    return not (text.isdecimal() and text[0] != "0") and text not in ("true", "false", "null", "~", "", "0")


def _odd(node: ScalarNode, document: Document) -> Iterator[Trap]:
    path = document.path_of(node)
    value_node = document.node(path)
    if value_node is node or not path:
        yield from _scalar(path, node, document)
    else:
        yield from _key(path, node, document)


def _trap(path: Path, node: Node, code: str, message: str, hint: str, severity: Severity) -> Trap:
    where = start(node)
    return Trap(path, code, message, hint, severity, where.line, where.column)


def _invisible(text: str) -> Iterator[Trap]:
    if text.startswith(BOM):
        hint = "save the file without it: it is part of the text, and so of every comparison"
        yield Trap((), "F204", "a byte order mark at the beginning", hint, "warning", 1, 1)
    for match in _INVISIBLE.finditer(text, 1 if text.startswith(BOM) else 0):
        line, column = line_and_column(text, match.start())
        hint = "type a normal space, or remove it; in double quotes it can be written as an escape"
        message = f"an invisible character, U+{ord(match[0]):04X}"
        yield Trap((), "F241", message, hint, "warning", line, column)


def _tags(document: Document) -> Iterator[Trap]:
    for node in document.tagged:
        if node.tag.startswith("tag:yaml.org,2002:") or node.tag == "!":
            continue
        hint = "read a secret with {{ secret('NAME') }}" if node.tag == "!env" else "remove it"
        message = f"servers ignore the tag `{node.tag}`"
        yield _trap(document.path_of(node), node, "F223", message, hint, "error")


def _key(path: Path, key: ScalarNode, document: Document) -> Iterator[Trap]:
    if key.value == "<<":
        parent = document.node(path[:-1])
        names = {name.value for name, _ in parent.value} if isinstance(parent, MappingNode) else set()
        severity: Severity = "error" if len(path) == 1 or names & {"id", "type"} else "warning"
        hint = "write the keys out, or use the alias as a value"
        message = "`<<` merges nothing: servers take it for an ordinary key"
        yield _trap(path, key, "F235", message, hint, severity)
    elif key.value.lower() in _WORDS:
        hint = "put it into quotes, so that every reader agrees"
        message = f"the key `{key.value}` is text for servers, a boolean for other readers of YAML"
        yield _trap(path, key, "F236", message, hint, "info")


def _scalar(path: Path, node: ScalarNode, document: Document) -> Iterator[Trap]:
    text = node.value
    value = plain_value(text)
    if isinstance(value, str):
        yield from _still_text(path, node)
    elif isinstance(value, bool):
        if text.lower() in _WORDS or text != text.lower():
            yield from _boolean(path, node, value, document)
    elif value is not None and str(value) != text:
        yield from _number(path, node, value, document)


def _still_text(path: Path, node: ScalarNode) -> Iterator[Trap]:
    quoted = f"put it into quotes: '{node.value}'"
    if _OTHER_OCTAL.fullmatch(node.value):
        yield _trap(path, node, "F234", f"`{node.value}` is text, not an octal number", "write the number", "warning")
    elif _CLOCK.fullmatch(node.value):
        message = f"`{node.value}` is text for servers, a number for other readers of YAML"
        yield _trap(path, node, "F239", message, quoted, "info")


def _boolean(path: Path, node: ScalarNode, value: bool, document: Document) -> Iterator[Trap]:
    word = str(value).lower()
    if _means_text(path, document):
        message = f"`{node.value}` is read as the boolean {word}, text is meant here"
        yield _trap(path, node, "F230", message, f"put it into quotes: '{node.value}'", "error")
    elif node.value.lower() in _WORDS:
        message = f"`{node.value}` is read as the boolean {word}"
        yield _trap(path, node, "F231", message, f"write {word}, or '{node.value}' if text is meant", "warning")


def _number(path: Path, node: ScalarNode, value: object, document: Document) -> Iterator[Trap]:
    text, meant = node.value, _means_text(path, document)
    quoted = f"put it into quotes: '{text}'"
    severity: Severity = "error" if meant else "warning"
    if _OCTAL.fullmatch(text) and not set(text) <= set("+-0"):
        hint = quoted if meant else f"write {value}, or '{text}' if text is meant"
        yield _trap(path, node, "F232", f"`{text}` is read as the octal number {value}", hint, severity)
    elif "_" in text:
        hint = quoted if meant else f"write {value}, or '{text}' if text is meant"
        yield _trap(path, node, "F233", f"`{text}` is read as the number {value}", hint, severity)
    elif meant:
        yield _trap(path, node, "F237", f"`{text}` is read as the number {value}, text is meant here", quoted, "error")


def _means_text(path: Path, document: Document) -> bool:
    """Whether a place holds text, whatever stands there: names, labels, environment variables, choices of inputs."""
    if not path or path[0] == "variables":
        return False
    if path[-1] in _NAMES or "env" in path[:-1]:
        return True
    if "labels" in path[:-1]:
        return path[-1] != "key"
    if path[0] == "inputs" and len(path) > 2:
        return path[2] in ("values", "options") or (path[2] == "defaults" and _takes_text(path, document))
    return False


def _takes_text(path: Path, document: Document) -> bool:
    """Whether the input that a path leads through has a type whose values are text."""
    item = document.node(path[:2])
    kinds = [value.value for key, value in item.value if key.value == "type"] if isinstance(item, MappingNode) else []
    return (kinds[-1] if kinds else None) in _TEXT_INPUTS
