"""A YAML text as plain data that knows where every value stands, read as a Kestra server reads it.

Scalars follow `scalars`; `<<` is an ordinary key; aliases are expanded, within `MAX_NODES`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from flowctl.flowtext.composing import compose
from flowctl.flowtext.problems import YamlProblem
from flowctl.flowtext.scalars import CONSTANTS, NUMERIC, plain_value

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "Document",
    "Node",
    "Path",
    "Position",
    "YamlProblem",
    "key_text",
    "parse",
    "scalar",
]

Path = tuple[str | int, ...]
MAX_DEPTH = 100
MAX_NODES = 200_000
STR_TAG = "tag:yaml.org,2002:str"
_ODD_KEYS = {*CONSTANTS, "<<"} - {"true", "false", "null", ""}


@dataclass(frozen=True, slots=True)
class Position:
    """Line and column, both from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """Plain data (`dict`, `list`, `str`, `int`, `float`, `bool`, None) and the nodes it was made from.

    `repeated` holds the key nodes that their map already had, `tagged` the nodes with a tag of their own, `odd` the
    plain scalars and keys that look like something else than text (for whoever warns of traps).
    """

    value: object
    root: Node | None = None
    repeated: list[Node] = field(default_factory=list)
    tagged: list[Node] = field(default_factory=list)
    odd: list[ScalarNode] = field(default_factory=list)
    _paths: dict[int, Path] | None = None

    def position(self, path: Path) -> Position:
        """Where a value starts; of a path that is not there, its nearest ancestor's."""
        found = self.root
        for step in path:
            below = _child(found, step)
            if below is None:
                break
            found = below[1]
        return Position(1, 1) if found is None else start(found)

    def key_position(self, path: Path) -> Position:
        """Where the key of a value in a map starts; of an item of a list, where the item does."""
        parent = self.node(path[:-1]) if path else None
        found = _child(parent, path[-1]) if path else None
        return self.position(path) if found is None or found[0] is None else start(found[0])

    def node(self, path: Path) -> Node | None:
        """The node of a path, None when it is not there. An alias gives the node it stands for."""
        found = self.root
        for step in path:
            below = _child(found, step)
            if below is None:
                return None
            found = below[1]
        return found

    @property
    def duplicates(self) -> list[tuple[Path, Position]]:
        """Keys that occur again in their map, and where; the last one's value is kept."""
        return [(self.path_of(node), start(node)) for node in self.repeated]

    @property
    def empty(self) -> list[Path]:
        """The places of values that are not there at all: `key:` and nothing after it."""
        return [self.path_of(node) for node in self.odd if node.value == ""]

    def path_of(self, node: Node) -> Path:
        """The path of a node of this document, a key's being that of its value; `()` for a node of another one."""
        if self._paths is None:
            self._paths = {}
            for path, found in walk(self.root, with_keys=True):
                self._paths.setdefault(id(found), path)
        return self._paths.get(id(node), ())


def parse(text: str) -> Document:
    """The one document of a text.

    Raises:
        YamlProblem: broken YAML, several documents, unknown alias, or past `MAX_DEPTH` / `MAX_NODES`.
    """
    root = compose(text)
    document = Document(None, root)
    if root is not None:
        document.value = _Builder(document).build(root, 0)
    return document


def start(node: Node) -> Position:
    """Where a node starts."""
    mark = node.start_mark
    return Position(mark.line + 1, mark.column + 1)


def walk(root: Node | None, *, with_keys: bool = False) -> list[tuple[Path, Node]]:
    """Every node with its path, parents first; an aliased node once, at its first place. Bounded by the text's size."""
    found: list[tuple[Path, Node]] = []
    todo: list[tuple[Path, Node]] = [((), root)] if root is not None else []
    seen: set[int] = set()
    while todo:
        path, node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        found.append((path, node))
        if isinstance(node, MappingNode):
            if with_keys:
                found.extend(((*path, str(key.value)), key) for key, _ in node.value)
            todo.extend(((*path, str(key.value)), value) for key, value in reversed(node.value))
        elif isinstance(node, SequenceNode):
            todo.extend(((*path, index), item) for index, item in reversed(list(enumerate(node.value))))
    return found


def _child(node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
    if isinstance(node, MappingNode):
        return next((pair for pair in reversed(node.value) if pair[0].value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        return None, node.value[step]
    return None


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document, self.nodes, self.open = document, 0, set[int]()

    def build(self, node: Node, depth: int) -> object:
        self.nodes += 1
        if type(node) is ScalarNode:
            return self._scalar(node)
        self._check(node, depth)
        if node.tag is not None:
            self.document.tagged.append(node)
        self.open.add(id(node))
        built = self._mapping(node, depth) if type(node) is MappingNode else self._sequence(node, depth)
        self.open.discard(id(node))
        return built

    def _scalar(self, node: ScalarNode) -> object:
        value = scalar(node)
        if node.tag is not None:
            self.document.tagged.append(node)
        elif not node.style and (type(value) is not str or value[0] in NUMERIC):
            self.document.odd.append(node)
        return value

    def _check(self, node: Node, depth: int) -> None:
        where = start(node)
        if id(node) in self.open:
            raise YamlProblem("recursive", "an anchor that contains its own alias", where.line, where.column)
        if depth > MAX_DEPTH:
            raise YamlProblem("depth", f"nested deeper than {MAX_DEPTH} levels", where.line, where.column)
        if self.nodes > MAX_NODES:
            raise YamlProblem("size", f"expands to more than {MAX_NODES:,} values", where.line, where.column)

    def _sequence(self, node: Node, depth: int) -> list[object]:
        return [self.build(item, depth + 1) for item in node.value]

    def _mapping(self, node: Node, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, value in node.value:
            name = key.value if type(key) is ScalarNode else key_text(key)
            if name in result:
                self.document.repeated.append(key)
            if name in _ODD_KEYS and not key.style:
                self.document.odd.append(key)
            result[name] = self.build(value, depth + 1)
        return result


def key_text(node: Node) -> str:
    """A mapping key as text, as Kestra reads it (`off:` is the key `off`).

    Raises:
        YamlProblem: the key is a list or a map; `expression` when it looks like an unquoted `{{ … }}`.
    """
    if isinstance(node, ScalarNode):
        return str(node.value)
    where = start(node)
    if isinstance(node, MappingNode):
        raise YamlProblem("expression", "a map cannot be a key", where.line, where.column)
    raise YamlProblem("key", "a list cannot be a key", where.line, where.column)


def scalar(node: ScalarNode) -> object:
    """The value of a scalar node."""
    text: str = node.value
    if node.style or node.tag is not None:
        return (
            text if node.style or node.tag in (STR_TAG, "!") or not node.tag.startswith("tag:") else plain_value(text)
        )
    return plain_value(text)
