"""The tree of a jq program."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Identity:
    """`.`"""


@dataclass(frozen=True, slots=True)
class RecurseAll:
    """`..`"""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, text, boolean or null."""

    value: object


@dataclass(frozen=True, slots=True)
class Format:
    """A text with `\\(…)` inside: a text before, between and behind the values.

    `name` is the `@format` that writes the values, empty for none.
    """

    texts: tuple[str, ...]
    values: tuple[Node, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """`target[key]`, `target.key`. When `optional`, a target that has no such place gives nothing."""

    target: Node
    key: Node
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """`target[start:end]`."""

    target: Node
    start: Node | None
    end: Node | None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Iterate:
    """`target[]`."""

    target: Node
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """`body?`, `try body catch handler`."""

    body: Node
    handler: Node | None = None


@dataclass(frozen=True, slots=True)
class Pipe:
    """`left | right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comma:
    """`left, right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator of arithmetic, order, logic, `//` or assignment."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negate:
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Array:
    """`[body]`."""

    body: Node | None


@dataclass(frozen=True, slots=True)
class Object:
    """`{key: value}`."""

    entries: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class If:
    """`if … then … elif … else … end`."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Bind:
    """`source as $name | body`, patterns included."""

    source: Node
    pattern: Pattern
    body: Node


@dataclass(frozen=True, slots=True)
class Reduce:
    """`reduce source as $name (start; update)`."""

    source: Node
    pattern: Pattern
    start: Node
    update: Node


@dataclass(frozen=True, slots=True)
class Foreach:
    """`foreach source as $name (start; update; extract)`."""

    source: Node
    pattern: Pattern
    start: Node
    update: Node
    extract: Node


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`."""

    name: str
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """`def name(parameters): body;`."""

    name: str
    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Define:
    """A definition and what it is used in."""

    function: Function
    body: Node


@dataclass(frozen=True, slots=True)
class Label:
    """`label $name | body`."""

    name: str
    body: Node


@dataclass(frozen=True, slots=True)
class Break:
    """`break $name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """What stands behind `as`: a name, or a list or map of patterns."""

    name: str = ""
    items: tuple[Pattern, ...] = field(default=())
    entries: tuple[tuple[Node, Pattern], ...] = field(default=())


Node = (
    Identity
    | RecurseAll
    | Constant
    | Format
    | Index
    | Slice
    | Iterate
    | Try
    | Pipe
    | Comma
    | Binary
    | Negate
    | Array
    | Object
    | If
    | Bind
    | Reduce
    | Foreach
    | Variable
    | Call
    | Define
    | Label
    | Break
)
