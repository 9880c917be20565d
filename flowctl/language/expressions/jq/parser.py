"""jq text → tree."""

from __future__ import annotations

from dataclasses import replace

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.operators import BINARY, CONSTANTS, KEYWORDS
from flowctl.language.expressions.jq.structures import StructureReader
from flowctl.language.expressions.jq.tree import Node

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
    return replace(node, optional=True) if isinstance(node, tree.Index | tree.Slice | tree.Iterate) else tree.Try(node)


class _Parser(StructureReader):
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
            return tree.Label(name, self.pipe())
        left = self.comma()
        return tree.Pipe(left, self.pipe()) if self.accept("|") else left

    def _definitions(self) -> Node:
        functions = []
        while self.accept("def"):
            functions.append(self._function())
        node = self.pipe()
        for function in reversed(functions):
            node = tree.Define(function, node)
        return node

    def _function(self) -> tree.Function:
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
        return tree.Function(name, tuple(parameters), body)

    def comma(self) -> Node:
        node = self.binary(2)
        while self.accept(","):
            node = tree.Comma(node, self.binary(2))
        return node

    def binary(self, least: int) -> Node:
        left = self.postfix()
        while self.token.value in BINARY and self.token.kind in ("mark", "name"):
            level, side = BINARY[self.token.value]
            if level < least:
                break
            operator = self.advance().value
            right = self.binary(level if side == "right" else level + 1)
            left = tree.Binary(operator, left, right)
            if side == "none" and self.token.value in BINARY and BINARY[self.token.value][0] == level:
                raise self.fail("operators that do not chain")
        return left

    def postfix(self) -> Node:
        node = term = self.term()
        while True:
            if self.token.kind == "field":
                node = tree.Index(node, tree.Constant(self.advance().value[1:]))
            elif self.at("."):
                self.advance()
                if self.token.kind == "text":
                    node = tree.Index(node, self.quoted(""))
                elif not self.at("["):
                    raise self.fail()
            elif self.at("["):
                node = self._bracket(node)
            elif self.accept("?"):
                node = tree.Try(node) if node is term else _optional(node)
            elif self.at("as"):
                return self._bind(node)
            else:
                return node

    def _bind(self, source: Node) -> Node:
        self.advance()
        pattern = self.pattern()
        self.expect("mark", "|")
        return tree.Bind(source, pattern, self.pipe())

    def _bracket(self, target: Node) -> Node:
        self.expect("mark", "[")
        if self.accept("]"):
            return tree.Iterate(target)
        start = None if self.at(":") else self.pipe()
        if not self.accept(":"):
            self.expect("mark", "]")
            assert start is not None
            return tree.Index(target, start)
        end = None if self.at("]") else self.pipe()
        self.expect("mark", "]")
        return tree.Slice(target, start, end)

    def term(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return tree.Constant(int(token.value) if token.value.isdigit() else float(token.value))
        if token.kind == "text":
            return self.quoted("")
        if token.kind == "format":
            self.advance()
            name = token.value[1:]
            return self.quoted(name) if self.token.kind == "text" else tree.Format(("", ""), (tree.Identity(),), name)
        if token.kind == "variable":
            return tree.Variable(self.advance().value)
        if token.kind == "field":
            return tree.Index(tree.Identity(), tree.Constant(self.advance().value[1:]))
        if token.kind == "name":
            return self._word()
        return self._mark()

    def _mark(self) -> Node:
        if self.accept(".."):
            return tree.RecurseAll()
        if self.accept("."):
            return tree.Index(tree.Identity(), self.quoted("")) if self.token.kind == "text" else tree.Identity()
        if self.accept("-"):
            return tree.Negate(self.postfix())
        if self.accept("("):
            node = self.pipe()
            self.expect("mark", ")")
            return node
        if self.accept("["):
            if self.accept("]"):
                return tree.Array(None)
            node = self.pipe()
            self.expect("mark", "]")
            return tree.Array(node)
        if self.accept("{"):
            return self.entries()
        raise self.fail()

    def _word(self) -> Node:
        word = self.advance().value
        if word in CONSTANTS:
            return tree.Constant(CONSTANTS[word])
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
        return tree.Call(word, tuple(arguments))

    def _if(self) -> Node:
        branches = [self._branch()]
        while self.accept("elif"):
            branches.append(self._branch())
        otherwise = self.pipe() if self.accept("else") else tree.Identity()
        self.expect("name", "end")
        return tree.If(tuple(branches), otherwise)

    def _branch(self) -> tuple[Node, Node]:
        condition = self.pipe()
        self.expect("name", "then")
        return condition, self.pipe()

    def _try(self) -> Node:
        body = self.postfix()
        return tree.Try(body, self.postfix() if self.accept("catch") else None)

    def _fold(self) -> tuple[Node, tree.Pattern, list[Node]]:
        source = self._source()
        self.expect("name", "as")
        pattern = self.pattern()
        self.expect("mark", "(")
        parts = [self.pipe()]
        while self.accept(";"):
            parts.append(self.pipe())
        self.expect("mark", ")")
        return source, pattern, parts

    def _source(self) -> Node:
        """A term and its postfixes up to `as`, which belongs to the fold."""
        node = term = self.term()
        while self.token.kind == "field" or self.at("[", "?"):
            if self.token.kind == "field":
                node = tree.Index(node, tree.Constant(self.advance().value[1:]))
            elif self.accept("?"):
                node = tree.Try(node) if node is term else _optional(node)
            else:
                node = self._bracket(node)
        return node

    def _reduce(self) -> Node:
        source, pattern, parts = self._fold()
        if len(parts) != 2:
            raise self.fail("reduce takes a start and an update")
        return tree.Reduce(source, pattern, parts[0], parts[1])

    def _foreach(self) -> Node:
        source, pattern, parts = self._fold()
        if len(parts) not in (2, 3):
            raise self.fail("foreach takes a start, an update and an extract")
        return tree.Foreach(source, pattern, parts[0], parts[1], parts[2] if len(parts) == 3 else tree.Identity())

    def _break(self) -> Node:
        return tree.Break(self.expect("variable", "").value)

    def _definition(self) -> Node:
        function = self._function()
        return tree.Define(function, self.pipe())


WORDS = {
    "if": _Parser._if,
    "try": _Parser._try,
    "reduce": _Parser._reduce,
    "foreach": _Parser._foreach,
    "break": _Parser._break,
    "def": _Parser._definition,
}
