"""jq text → tree."""

from __future__ import annotations

from dataclasses import replace

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.jq.tokens import TokenReader
from flowctl.language.expressions.jq.tree import (
    Array,
    Binary,
    Bind,
    Break,
    Call,
    Comma,
    Constant,
    Define,
    Foreach,
    Format,
    Function,
    Identity,
    If,
    Index,
    Iterate,
    Label,
    Negate,
    Node,
    Object,
    Pattern,
    Pipe,
    RecurseAll,
    Reduce,
    Slice,
    Try,
    Variable,
)

BINARY = {
    "//": (2, "right"),
    "=": (3, "none"),
    "|=": (3, "none"),
    "+=": (3, "none"),
    "-=": (3, "none"),
    "*=": (3, "none"),
    "/=": (3, "none"),
    "%=": (3, "none"),
    "//=": (3, "none"),
    "or": (4, "left"),
    "and": (5, "left"),
    "==": (6, "none"),
    "!=": (6, "none"),
    "<": (6, "none"),
    "<=": (6, "none"),
    ">": (6, "none"),
    ">=": (6, "none"),
    "+": (7, "left"),
    "-": (7, "left"),
    "*": (8, "left"),
    "/": (8, "left"),
    "%": (8, "left"),
}
CONSTANTS: dict[str, object] = {"null": None, "true": True, "false": False}
KEYWORDS = frozenset({"then", "elif", "else", "end", "as", "catch", "label", "import", "include", "and", "or"})
MAX_LENGTH = 20_000
MAX_DEPTH = 60


def parse(program: str) -> Node:
    """The tree of a program. Raises ExpressionError that shows where it cannot be read."""
    if len(program) > MAX_LENGTH:
        raise ExpressionError(f"A jq program has at most {MAX_LENGTH} characters")
    parser = _Parser(program)
    node = parser.pipe()
    parser.expect("end", "")
    return node


def _optional(node: Node) -> Node:
    """`target.key?`: the last step alone may fail, not what leads to it."""
    return replace(node, optional=True) if isinstance(node, Index | Slice | Iterate) else Try(node)


class _Parser(TokenReader):
    def interpolation(self) -> Node:
        return self.pipe()

    def pipe(self) -> Node:
        """A whole program: definitions, then `|`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"jq: nested deeper than {MAX_DEPTH} levels")
        node = self._pipe()
        self.depth -= 1
        return node

    def _pipe(self) -> Node:
        if self.at("def"):
            return self._definitions()
        if self.accept("label"):
            name = self.expect("variable", "").value
            self.expect("mark", "|")
            return Label(name, self.pipe())
        left = self.comma()
        return Pipe(left, self.pipe()) if self.accept("|") else left

    def _definitions(self) -> Node:
        functions = []
        while self.accept("def"):
            functions.append(self._function())
        node = self.pipe()
        for function in reversed(functions):
            node = Define(function, node)
        return node

    def _function(self) -> Function:
        name = self.expect("name", "").value
        parameters: list[str] = []
        if self.accept("("):
            while not self.accept(")"):
                if parameters:
                    self.expect("mark", ";")
                parameters.append(self.advance().value)
        self.expect("mark", ":")
        body = self.pipe()
        self.expect("mark", ";")
        return Function(name, tuple(parameters), body)

    def comma(self) -> Node:
        node = self.binary(2)
        while self.accept(","):
            node = Comma(node, self.binary(2))
        return node

    def binary(self, least: int) -> Node:
        left = self.postfix()
        while self.token.value in BINARY and self.token.kind in ("mark", "name"):
            level, side = BINARY[self.token.value]
            if level < least:
                break
            operator = self.advance().value
            right = self.binary(level if side == "right" else level + 1)
            left = Binary(operator, left, right)
            if side == "none" and self.token.value in BINARY and BINARY[self.token.value][0] == level:
                raise self.fail("operators that do not chain")
        return left

    def postfix(self) -> Node:
        node = term = self._term()
        while True:
            if self.token.kind == "field":
                node = Index(node, Constant(self.advance().value[1:]))
            elif self.at("."):
                self.advance()
                if self.token.kind == "text":
                    node = Index(node, self._text(""))
                elif not self.at("["):
                    raise self.fail()
            elif self.at("["):
                node = self._bracket(node)
            elif self.accept("?"):
                node = Try(node) if node is term else _optional(node)
            elif self.at("as"):
                return self._bind(node)
            else:
                return node

    def _bind(self, source: Node) -> Node:
        self.advance()
        pattern = self._pattern()
        self.expect("mark", "|")
        return Bind(source, pattern, self.pipe())

    def _pattern(self) -> Pattern:
        if self.token.kind == "variable":
            return Pattern(self.advance().value)
        if self.accept("["):
            items = [self._pattern()]
            while self.accept(","):
                items.append(self._pattern())
            self.expect("mark", "]")
            return Pattern(items=tuple(items))
        self.expect("mark", "{")
        entries = [self._pattern_entry()]
        while self.accept(","):
            entries.append(self._pattern_entry())
        self.expect("mark", "}")
        return Pattern(entries=tuple(entries))

    def _pattern_entry(self) -> tuple[Node, Pattern]:
        if self.token.kind == "variable":
            name = self.advance().value
            key: Node = Constant(name[1:])
            return key, self._pattern() if self.accept(":") else Pattern(name)
        key = self._key()
        self.expect("mark", ":")
        return key, self._pattern()

    def _bracket(self, target: Node) -> Node:
        self.expect("mark", "[")
        if self.accept("]"):
            return Iterate(target)
        start = None if self.at(":") else self.pipe()
        if not self.accept(":"):
            self.expect("mark", "]")
            assert start is not None
            return Index(target, start)
        end = None if self.at("]") else self.pipe()
        self.expect("mark", "]")
        return Slice(target, start, end)

    def _term(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return Constant(int(token.value) if token.value.isdigit() else float(token.value))
        if token.kind == "text":
            return self._text("")
        if token.kind == "format":
            self.advance()
            name = token.value[1:]
            return self._text(name) if self.token.kind == "text" else Format(("", ""), (Identity(),), name)
        if token.kind == "variable":
            return Variable(self.advance().value)
        if token.kind == "field":
            return Index(Identity(), Constant(self.advance().value[1:]))
        if token.kind == "name":
            return self._word()
        return self._mark()

    def _text(self, name: str) -> Node:
        parts = self.advance().parts
        if len(parts) == 1:
            return Constant(parts[0])
        texts = tuple(p for p in parts if isinstance(p, str))
        return Format(texts, tuple(p for p in parts if not isinstance(p, str)), name)

    def _mark(self) -> Node:
        if self.accept(".."):
            return RecurseAll()
        if self.accept("."):
            return Index(Identity(), self._text("")) if self.token.kind == "text" else Identity()
        if self.accept("-"):
            return Negate(self.postfix())
        if self.accept("("):
            node = self.pipe()
            self.expect("mark", ")")
            return node
        if self.accept("["):
            if self.accept("]"):
                return Array(None)
            node = self.pipe()
            self.expect("mark", "]")
            return Array(node)
        if self.accept("{"):
            return self._object()
        raise self.fail()

    def _object(self) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self.accept("}"):
            if entries:
                self.expect("mark", ",")
            entries.append(self._entry())
        return Object(tuple(entries))

    def _entry(self) -> tuple[Node, Node]:
        if self.token.kind == "variable":
            name = self.advance().value
            return Constant(name[1:]), Variable(name)
        key = self._key()
        if self.accept(":"):
            return key, self._entry_value()
        return key, Index(Identity(), key)

    def _entry_value(self) -> Node:
        node = self.binary(3)
        while self.accept("|"):
            node = Pipe(node, self.binary(3))
        return node

    def _key(self) -> Node:
        if self.token.kind == "name":
            return Constant(self.advance().value)
        if self.token.kind == "text":
            return self._text("")
        if self.token.kind == "format":
            return self._term()
        self.expect("mark", "(")
        node = self.pipe()
        self.expect("mark", ")")
        return node

    def _word(self) -> Node:
        word = self.advance().value
        if word in CONSTANTS:
            return Constant(CONSTANTS[word])
        if word in WORDS:
            return WORDS[word](self)
        if word in KEYWORDS:
            raise self.fail(f"unexpected '{word}'")
        return self._call(word)

    def _call(self, word: str) -> Node:
        arguments: list[Node] = []
        if self.accept("("):
            arguments.append(self.pipe())
            while self.accept(";"):
                arguments.append(self.pipe())
            self.expect("mark", ")")
        return Call(word, tuple(arguments))

    def _if(self) -> Node:
        branches = [self._branch()]
        while self.accept("elif"):
            branches.append(self._branch())
        otherwise = self.pipe() if self.accept("else") else Identity()
        self.expect("name", "end")
        return If(tuple(branches), otherwise)

    def _branch(self) -> tuple[Node, Node]:
        condition = self.pipe()
        self.expect("name", "then")
        return condition, self.pipe()

    def _try(self) -> Node:
        body = self.postfix()
        return Try(body, self.postfix() if self.accept("catch") else None)

    def _fold(self) -> tuple[Node, Pattern, list[Node]]:
        source = self._source()
        self.expect("name", "as")
        pattern = self._pattern()
        self.expect("mark", "(")
        parts = [self.pipe()]
        while self.accept(";"):
            parts.append(self.pipe())
        self.expect("mark", ")")
        return source, pattern, parts

    def _source(self) -> Node:
        """A term and its postfixes up to `as`, which belongs to the fold."""
        node = term = self._term()
        while self.token.kind == "field" or self.at("[", "?"):
            if self.token.kind == "field":
                node = Index(node, Constant(self.advance().value[1:]))
            elif self.accept("?"):
                node = Try(node) if node is term else _optional(node)
            else:
                node = self._bracket(node)
        return node

    def _reduce(self) -> Node:
        source, pattern, parts = self._fold()
        if len(parts) != 2:
            raise self.fail("reduce takes a start and an update")
        return Reduce(source, pattern, parts[0], parts[1])

    def _foreach(self) -> Node:
        source, pattern, parts = self._fold()
        if len(parts) not in (2, 3):
            raise self.fail("foreach takes a start, an update and an extract")
        return Foreach(source, pattern, parts[0], parts[1], parts[2] if len(parts) == 3 else Identity())

    def _break(self) -> Node:
        return Break(self.expect("variable", "").value)

    def _definition(self) -> Node:
        function = self._function()
        return Define(function, self.pipe())


WORDS = {
    "if": _Parser._if,
    "try": _Parser._try,
    "reduce": _Parser._reduce,
    "foreach": _Parser._foreach,
    "break": _Parser._break,
    "def": _Parser._definition,
}
