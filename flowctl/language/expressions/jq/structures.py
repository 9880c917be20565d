"""jq text → tree: the parts with brackets of their own. Objects, patterns, and texts with programs inside."""

from __future__ import annotations

from abc import abstractmethod

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.tokens import TokenReader
from flowctl.language.expressions.jq.tree import Node


class StructureReader(TokenReader):
    """Reads structures; what stands inside of them is read by the methods that are left open."""

    @abstractmethod
    def pipe(self) -> Node:
        """A whole program: definitions, then `|`."""

    @abstractmethod
    def binary(self, least: int) -> Node:
        """Operators of at least this rank between terms."""

    @abstractmethod
    def term(self) -> Node:
        """A term without operators around it."""

    def interpolation(self) -> Node:
        return self.pipe()

    def pattern(self) -> tree.Pattern:
        """`$name`, `[…]` or `{…}` after `as`."""
        if self.token.kind == "variable":
            return tree.Pattern(self.advance().value)
        if self.accept("["):
            items = [self.pattern()]
            while self.accept(","):
                items.append(self.pattern())
            self.expect("mark", "]")
            return tree.Pattern(items=tuple(items))
        self.expect("mark", "{")
        entries = [self._pattern_entry()]
        while self.accept(","):
            entries.append(self._pattern_entry())
        self.expect("mark", "}")
        return tree.Pattern(entries=tuple(entries))

    def _pattern_entry(self) -> tuple[Node, tree.Pattern]:
        if self.token.kind == "variable":
            name = self.advance().value
            key: Node = tree.Constant(name[1:])
            return key, self.pattern() if self.accept(":") else tree.Pattern(name)
        key = self.key()
        self.expect("mark", ":")
        return key, self.pattern()

    def quoted(self, name: str) -> Node:
        """A text, with the programs inside of it written in the format `name`."""
        parts = self.advance().parts
        if len(parts) == 1:
            return tree.Constant(parts[0])
        texts = tuple(p for p in parts if isinstance(p, str))
        return tree.Format(texts, tuple(p for p in parts if not isinstance(p, str)), name)

    def entries(self) -> Node:
        """The rest of an object, after its `{`."""
        entries: list[tuple[Node, Node]] = []
        while not self.accept("}"):
            if entries:
                self.expect("mark", ",")
            entries.append(self._entry())
        return tree.Object(tuple(entries))

    def _entry(self) -> tuple[Node, Node]:
        if self.token.kind == "variable":
            name = self.advance().value
            return tree.Constant(name[1:]), tree.Variable(name)
        key = self.key()
        if self.accept(":"):
            return key, self._entry_value()
        return key, tree.Index(tree.Identity(), key)

    def _entry_value(self) -> Node:
        node = self.binary(3)
        while self.accept("|"):
            node = tree.Pipe(node, self.binary(3))
        return node

    def key(self) -> Node:
        """The key of an entry: a word, a text, or a program in parentheses."""
        if self.token.kind == "name":
            return tree.Constant(self.advance().value)
        if self.token.kind == "text":
            return self.quoted("")
        if self.token.kind == "format":
            return self.term()
        self.expect("mark", "(")
        node = self.pipe()
        self.expect("mark", ")")
        return node
