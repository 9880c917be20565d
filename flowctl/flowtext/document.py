"""A YAML text as plain data, with the position of every value, read as a Kestra server reads it.

Scalars follow YAML 1.1 with Kestra's exceptions (flow-language sheet 1.2): `yes/no/on/off` are booleans, `010` is 8,
`1_000` is 1000; `0o10`, `12:30` and dates stay text; `<<` is an ordinary key. The C parser does the work where
libyaml is there; the pure one gives the same nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Path = tuple[str | int, ...]
MAX_DEPTH = 100
MAX_NODES = 200_000

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_BOOL = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULL = {"", "~", "null", "Null", "NULL"}
_INT = re.compile(r"[-+]?(0[xX][0-9a-fA-F_]+|0b[01_]+|0[0-7_]*|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9_]+|[0-9][0-9_]*)([eE][-+]?[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class Position:
    """Line and column, both from 1."""

    line: int
    column: int


class YamlProblem(Exception):
    """A text that is not one sound YAML document. `kind` is a stable word, such as `syntax` or `duplicate-key`."""

    def __init__(self, kind: str, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.kind, self.message, self.line, self.column = kind, message, line, column


@dataclass(slots=True)
class Document:
    """Plain data (`dict`, `list`, `str`, `int`, `float`, `bool`, None) and where each value stands."""

    value: object
    positions: dict[Path, Position] = field(default_factory=dict)
    duplicates: list[tuple[Path, Position]] = field(default_factory=list)

    def position(self, path: Path) -> Position:
        """Where a value starts; of a path that is not there, its nearest ancestor's."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, Position(1, 1))


def parse(text: str) -> Document:
    """The one document of a text. Duplicate keys are listed, the last one's value is kept.

    Raises:
        YamlProblem: broken YAML, several documents, unknown alias, or past `MAX_DEPTH` / `MAX_NODES`.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        kind = "documents" if "document" in (error.context or error.problem or "") else "syntax"
        if "alias" in (error.problem or ""):
            kind = "alias"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlProblem(kind, error.problem or error.context or "not YAML", line, column) from None
    except yaml.YAMLError as error:
        raise YamlProblem("syntax", str(error), 1, 1) from None
    except RecursionError:
        raise YamlProblem("depth", "nested too deeply", 1, 1) from None
    finally:
        loader.dispose()
    document = Document(None)
    if root is not None:
        document.value = _Builder(document).build(root, (), 0)
    return document


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document, self.nodes = document, 0

    def build(self, node: Node, path: Path, depth: int) -> object:
        self.nodes += 1
        mark = node.start_mark
        position = Position(mark.line + 1, mark.column + 1)
        self.document.positions[path] = position
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            word = "nested too deeply" if depth > MAX_DEPTH else "expands to too many values"
            raise YamlProblem("depth" if depth > MAX_DEPTH else "size", word, position.line, position.column)
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, i), depth + 1) for i, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return scalar(node)

    def _mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            name = key_text(key_node)
            if name in result:
                mark = key_node.start_mark
                self.document.duplicates.append(((*path, name), Position(mark.line + 1, mark.column + 1)))
            result[name] = self.build(value_node, (*path, name), depth + 1)
        return result


def key_text(node: Node) -> str:
    """A mapping key as text, as Kestra reads it (`off:` is the key `off`).

    Raises:
        YamlProblem: the key is a list or a map.
    """
    if not isinstance(node, ScalarNode):
        mark = node.start_mark
        raise YamlProblem("key", "a list or a map cannot be a key", mark.line + 1, mark.column + 1)
    return str(node.value)


def scalar(node: ScalarNode) -> object:
    """The value of a scalar node."""
    text = node.value
    if node.style is not None or (node.tag or "").endswith(":str"):
        return text
    for read in _READERS:
        found, value = read(text)
        if found:
            return value
    return text


def _null(text: str) -> tuple[bool, object]:
    return text in _NULL, None


def _bool(text: str) -> tuple[bool, object]:
    if text in (text.lower(), text.upper(), text.capitalize()) and text.lower() in _BOOL:
        return True, _BOOL[text.lower()]
    return False, None


def _number(text: str) -> tuple[bool, object]:
    if not text or text[0] not in "+-.0123456789":
        return False, None
    if _INT.match(text):
        return True, _integer(text.replace("_", ""))
    if _FLOAT.match(text) and any(c in text for c in ".eE"):
        return True, float(text.replace("_", ""))
    return False, None


def _integer(text: str) -> int:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    if digits[:2] in ("0x", "0X"):
        return sign * int(digits, 16)
    if digits[:2] == "0b":
        return sign * int(digits, 2)
    return sign * (int(digits, 8) if len(digits) > 1 and digits[0] == "0" else int(digits))


_READERS: tuple[Callable[[str], tuple[bool, object]], ...] = (_null, _bool, _number)
