"""Edits of one place of a text: a scalar for a scalar, a top-level key set or removed. The rest keeps every byte.

Each edit is read back before it is returned, so that it either means exactly what was asked or is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from flowctl.flowtext.composing import BOM
from flowctl.flowtext.document import Document, Path, parse
from flowctl.flowtext.places import format_place
from flowctl.flowtext.problems import YamlProblem
from flowctl.flowtext.scalar_text import scalar_text
from flowctl.flowtext.splice import EOL, Splice, SpliceError, eol_of

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)+")
_ALIAS = re.compile(r"[ \t\r\n]*\*[^\s,\[\]{}]+")


def replace_scalar(text: str, path: Path, value: object) -> str:
    """The text with another scalar at a path; its quotes are kept where the new value allows it.

    Raises:
        SpliceError: there is no scalar at the path, it comes from an alias, or the edit cannot be made safely.
        YamlProblem: the text is not sound.
    """
    document = parse(text)
    node = document.node(path)
    place = format_place(document.value, path)
    if not path or not isinstance(node, ScalarNode):
        raise SpliceError(f"there is no single value at {place or 'the top'}")
    if _aliased(document, path, node):
        raise SpliceError(f"{place} is an alias: change the value that it stands for")
    shift = _shift(text)
    begin, end = node.start_mark.index + shift, node.end_mark.index + shift
    properties = _PROPERTIES.match(text, begin, end)
    begin = properties.end() if properties else begin
    new = scalar_text(value, node.style if node.style in ("'", '"') else "")
    if node.style in ("|", ">"):
        new += _last_breaks(text[begin:end])
    if begin == end and text[begin - 1 : begin] not in ("", " ", "\n"):
        new = f" {new}"
    return _checked(Splice(begin, end, new).apply(text), document.value, path, value)


def set_key(text: str, key: str, value: object) -> str:
    """The text with a top-level key that holds a scalar: replaced where it is, else added at the end.

    Raises:
        SpliceError: the text is no map, the key holds a list or a map, or the edit cannot be made safely.
        YamlProblem: the text is not sound.
    """
    document = parse(text)
    if not isinstance(document.root, MappingNode) or not isinstance(document.value, dict):
        raise SpliceError("the text is no map")
    if key in document.value:
        return replace_scalar(text, (key,), value)
    return _added(text, document, (key,), scalar_text(value), value)


def set_value(text: str, path: Path, value: object) -> str:
    """The text with a value at a path: a scalar keeps its quotes, a list or map is written on one line.

    A last key that is not there is added at the end of its map.

    Raises:
        SpliceError: there is no map or list around the path, or the edit cannot be made safely.
        YamlProblem: the text is not sound.
    """
    document = parse(text)
    node = document.node(path)
    scalar = not isinstance(value, (list, dict))
    new = scalar_text(value) if scalar else json.dumps(value, ensure_ascii=False)
    if node is None:
        return _added(text, document, path, new, value)
    if scalar and isinstance(node, ScalarNode):
        return replace_scalar(text, path, value)
    if _aliased(document, path, node):
        raise SpliceError(f"{format_place(document.value, path)} is an alias: change the value that it stands for")
    shift = _shift(text)
    begin, end = node.start_mark.index + shift, _content_end(node, node.start_mark.index) + shift
    if text[end - 1 : end] in ("\n", "\r"):
        new += _last_breaks(text[begin:end])
    return _checked(Splice(begin, end, new).apply(text), document.value, path, value)


def _added(text: str, document: Document, path: Path, new: str, value: object) -> str:
    """The text with one more key at the end of the map around it."""
    parent = document.node(path[:-1])
    if not path or not isinstance(parent, MappingNode) or _aliased(document, path[:-1], parent):
        raise SpliceError(f"there is no map to add `{path[-1] if path else ''}` to")
    end = _content_end(parent, parent.start_mark.index) + _shift(text)
    if parent.flow_style:
        style = '"' if parent.value and parent.value[0][0].style == '"' else ""
        entry = f"{scalar_text(path[-1], style)}: {_quoted_like(new, value, style)}"
        end = parent.end_mark.index + _shift(text) - 1
        splice = Splice(end, end, f", {entry}" if parent.value else entry)
    else:
        found = EOL.search(text, end)
        at = found.start() if found else len(text)
        indent = " " * parent.start_mark.column
        splice = Splice(at, at, f"{eol_of(text)}{indent}{scalar_text(path[-1])}: {new}")
        if text[end - 1 : end] in ("\n", "\r"):
            splice = Splice(end, end, f"{indent}{scalar_text(path[-1])}: {new}{eol_of(text)}")
    return _checked(splice.apply(text), document.value, path, value)


def _quoted_like(new: str, value: object, style: str) -> str:
    return new if isinstance(value, (list, dict)) else scalar_text(value, style)


def remove_key(text: str, key: str) -> str:
    """The text without a top-level key and its value; comments around them stay.

    Raises:
        SpliceError: the text is no map, the key is not there or is its only one, or the edit cannot be made safely.
        YamlProblem: the text is not sound.
    """
    document = parse(text)
    root = document.root
    if not isinstance(root, MappingNode) or not isinstance(document.value, dict) or key not in document.value:
        raise SpliceError(f"there is no key `{key}` to remove")
    if len(root.value) == 1:
        raise SpliceError(f"`{key}` is the only key")
    index = next(index for index, (name, _) in enumerate(root.value) if name.value == key)
    splice = _removed_inline(text, root, index) if root.flow_style else _removed_lines(text, root, index)
    after = {name: item for name, item in document.value.items() if name != key}
    return _verified(splice.apply(text), lambda found: found == after)


def _removed_inline(text: str, root: MappingNode, index: int) -> Splice:
    shift = _shift(text)
    if index + 1 < len(root.value):
        return Splice(
            root.value[index][0].start_mark.index + shift, root.value[index + 1][0].start_mark.index + shift, ""
        )
    before = root.value[index - 1][1]
    return Splice(_content_end(before, 0) + shift, _content_end(root.value[index][1], 0) + shift, "")


def _removed_lines(text: str, root: MappingNode, index: int) -> Splice:
    shift = _shift(text)
    key, value = root.value[index]
    begin = key.start_mark.index - key.start_mark.column + shift
    end = _content_end(value, key.end_mark.index) + shift
    alias = (
        _ALIAS.match(text, key.end_mark.index + shift + 1) if value.start_mark.index < key.start_mark.index else None
    )
    end = alias.end() if alias else end
    if text[end - 1 : end] not in ("\n", "\r"):
        found = EOL.search(text, end)
        end = found.end() if found else len(text)
    return Splice(begin, end, "")


def _content_end(node: Node, after: int) -> int:
    """Where the last character of a node's content ends: a block's own mark lies behind the comments below it."""
    if not isinstance(node, CollectionNode) or node.flow_style:
        return max(node.end_mark.index, after)
    last = after
    for item in node.value:
        for part in item if isinstance(node, MappingNode) else (item,):
            if part.start_mark.index >= node.start_mark.index:
                last = _content_end(part, last)
    return last


def _aliased(document: Document, path: Path, node: Node) -> bool:
    """Whether a node stands somewhere else in the text, so that this path is only an alias of it."""
    if document.path_of(node) != path:
        return True
    parents = [document.node(path[:length]) for length in range(len(path))]
    return any(parent is not None and document.path_of(parent) != path[:i] for i, parent in enumerate(parents))


def _shift(text: str) -> int:
    return 1 if text.startswith(BOM) else 0


def _last_breaks(old: str) -> str:
    return old[len(old.rstrip("\r\n")) :]


def _checked(text: str, before: object, path: Path, value: object) -> str:
    """The text, once it is certain that nothing but the value at the path is different."""
    return _verified(text, lambda found: found == _with(before, path, value))


def _with(before: object, path: Path, value: object) -> object:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(before, dict):
        return {**before, step: _with(before.get(str(step)), rest, value)}
    assert isinstance(before, list) and isinstance(step, int)
    return [*before[:step], _with(before[step], rest, value), *before[step + 1 :]]


def _verified(text: str, right: Callable[[object], bool]) -> str:
    try:
        found = parse(text).value
    except YamlProblem as problem:
        raise SpliceError(f"the edit cannot be made: {problem.message}") from None
    if not right(found):
        raise SpliceError("the edit would change more than was asked for")
    return text
