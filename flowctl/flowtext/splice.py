"""Edits of a YAML text that touch nothing else: comments, layout, line ends and byte order mark stay as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode

from flowctl.flowtext.composing import BOM
from flowctl.flowtext.document import Document, parse
from flowctl.flowtext.problems import YamlProblem
from flowctl.flowtext.scalar_text import double_quoted, scalar_text

EOL = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class SpliceError(ValueError):
    """The text has a shape in which this edit cannot be made safely; the message says which."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Put `text` in place of what stands from `start` to `end` (indices into the text, a byte order mark counted)."""

    start: int
    end: int
    text: str

    def apply(self, source: str) -> str:
        """The edited text."""
        return source[: self.start] + self.text + source[self.end :]


def insert_namespace(text: str, namespace: str) -> str:
    """The text with `namespace` stated right after `id`.

    Raises:
        SpliceError: there is no `id`, or the result would not read back as meant.
        YamlProblem: the text is not sound.
    """
    return namespace_splice(text, parse(text), namespace).apply(text)


def namespace_splice(text: str, document: Document, namespace: str) -> Splice:
    """The edit that states a flow's namespace; `document` is the parsed `text`, which has an `id` and no namespace.

    Raises:
        SpliceError: there is no `id`, or the result would not read back as meant.
    """
    root = document.root
    pair = next((pair for pair in root.value if pair[0].value == "id"), None) if isinstance(root, MappingNode) else None
    if not isinstance(root, MappingNode) or pair is None:
        raise SpliceError("the text has no `id` to insert `namespace` after")
    splice, sure = _after(text, root, pair[0], pair[1], namespace)
    if not sure:
        _verify(splice.apply(text), document, namespace)
    return splice


def _after(text: str, root: MappingNode, key: ScalarNode, value: Node, namespace: str) -> tuple[Splice, bool]:
    """The edit, and whether it is of the common kind that is certain to be right."""
    shift = 1 if text.startswith(BOM) else 0
    begin, end = key.start_mark.index + shift, value.end_mark.index + shift
    aliased = end < begin
    if root.flow_style:
        entry = _flow_entry(namespace, key.style == '"')
        return (Splice(begin, begin, f"{entry}, ") if aliased else Splice(end, end, f", {entry}")), False
    entry = f"namespace: {scalar_text(namespace)}"
    eol = eol_of(text)
    indent = " " * key.start_mark.column
    if aliased:
        return Splice(begin, begin, f"{entry}{eol}{indent}"), False
    if value.end_mark.column == 0:
        return Splice(end, end, f"{indent}{entry}{eol}"), False
    found = EOL.search(text, end)
    at = found.start() if found else len(text)
    common = text[begin:at].isascii() and value.start_mark.line == value.end_mark.line == key.start_mark.line
    return Splice(at, at, f"{eol}{indent}{entry}"), common and not text[begin - 2 : begin].startswith("?")


def eol_of(text: str) -> str:
    """The line end that a text uses, by its first one."""
    found = EOL.search(text)
    return found[0] if found and found[0] in ("\r\n", "\r") else "\n"


def _flow_entry(namespace: str, quoted: bool) -> str:
    return f'"namespace": {double_quoted(namespace)}' if quoted else f"namespace: {scalar_text(namespace)}"


def _verify(text: str, before: Document, namespace: str) -> None:
    assert isinstance(before.value, dict)
    try:
        after = parse(text).value
    except YamlProblem as problem:
        raise SpliceError(f"`namespace` cannot be inserted: {problem.message}") from None
    if after != {**before.value, "namespace": namespace}:
        raise SpliceError("`namespace` cannot be inserted after `id` here")
