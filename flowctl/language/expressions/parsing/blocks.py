"""A template's text → its tree: text, prints and tags."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.parsing.lexer import tokenize
from flowctl.language.expressions.parsing.nodes import (
    Block,
    Body,
    Expression,
    FilterBlock,
    For,
    If,
    Macro,
    Print,
    Set,
    Statement,
    Text,
)
from flowctl.language.expressions.parsing.parser import ExpressionParser
from flowctl.language.expressions.suggestions import closest

TAG_HINTS = {
    "elif": "write `elseif`",
    "raw": "`raw` works within one line; use `{% verbatim %}` over several lines",
    "break": "a loop cannot be left early; filter the list before the loop",
    "include": "templates cannot include others; use `render(vars.name)`",
    "import": "templates cannot import others; define the macro in the same template",
}
REMOVED = frozenset({"autoescape", "extends", "embed", "flush", "import", "from", "include", "parallel", "cache"})
RESERVED = frozenset({"true", "false", "null", "none"})
MAX_NESTING = 40


def parse_template(text: str) -> Body:
    """The tree of a template. Raises ExpressionError (F351, or F352 for an unknown tag), placed in the text."""
    try:
        return _TemplateParser(text).parse()
    except ExpressionError as error:
        error.place(text)
        raise


class _TemplateParser:
    def __init__(self, text: str) -> None:
        self.expressions = ExpressionParser(tokenize(text))
        self.macros: set[str] = set()
        self.blocks: set[str] = set()
        self.nesting = 0
        self.tags: dict[str, Callable[[int], Statement]] = {
            "if": self._if,
            "for": self._for,
            "set": self._set,
            "macro": self._macro,
            "filter": self._filter,
            "block": self._block,
        }

    def parse(self) -> Body:
        body, _ = self._body(())
        return body

    def _body(self, ends: tuple[str, ...]) -> tuple[Body, str]:
        """Statements up to one of the tags `ends`, and which it was; the tag's name is taken, not what follows it."""
        found: list[Statement] = []
        source = self.expressions
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise source.error(f"Tags are nested deeper than {MAX_NESTING} levels")
        while not source.at("EOF"):
            token = source.next()
            if token.kind == "TEXT":
                found.append(Text(token.value, token.pos))
            elif token.kind == "PRINT_START":
                found.append(Print(source.parse(), token.pos))
                source.expect("PRINT_END")
            elif source.at("NAME") and source.current.value in ends:
                self.nesting -= 1
                return tuple(found), source.next().value
            else:
                found.append(self._tag())
        if ends:
            raise source.error(f'Unexpected end of template, looking for the "{ends[-1]}" tag')
        self.nesting -= 1
        return tuple(found), ""

    def _tag(self) -> Statement:
        token = self.expressions.expect("NAME")
        read = self.tags.get(token.value)
        if read is None:
            hint = TAG_HINTS.get(token.value, "") or closest(token.value, self.tags)
            if token.value in REMOVED and not hint:
                hint = "this tag is not part of the flow language"
            raise ExpressionError(f'Unexpected tag name "{token.value}"', offset=token.pos, hint=hint, code="F352")
        return read(token.pos)

    def _end(self) -> None:
        self.expressions.expect("EXECUTE_END")

    def _if(self, pos: int) -> Statement:
        branches: list[tuple[Expression, Body]] = []
        otherwise: Body = ()
        tag = "elseif"
        while tag == "elseif":
            condition = self.expressions.parse()
            self._end()
            body, tag = self._body(("elseif", "else", "endif"))
            branches.append((condition, body))
        if tag == "else":
            self._end()
            otherwise, _ = self._body(("endif",))
        self._end()
        return If(tuple(branches), otherwise, pos)

    def _variable(self) -> str:
        """A name that a value can be given to."""
        token = self.expressions.expect("NAME")
        if token.value in RESERVED:
            raise self.expressions.error(f"Can not assign a value to {token.value}", token)
        return token.value

    def _for(self, pos: int) -> Statement:
        variable = self._variable()
        self.expressions.expect("NAME", "in")
        iterable = self.expressions.parse()
        self._end()
        body, tag = self._body(("else", "endfor"))
        otherwise: Body = ()
        if tag == "else":
            self._end()
            otherwise, _ = self._body(("endfor",))
        self._end()
        return For(variable, iterable, body, otherwise, pos)

    def _set(self, pos: int) -> Statement:
        name = self._variable()
        self.expressions.expect("PUNCTUATION", "=")
        expression = self.expressions.parse()
        self._end()
        return Set(name, expression, pos)

    def _macro(self, pos: int) -> Statement:
        name = self.expressions.expect("NAME").value
        if name in self.macros:
            raise ExpressionError(f"More than one macro can not share the same name: {name}", offset=pos, code="F351")
        self.macros.add(name)
        parameters = self.expressions.parameters()
        self._end()
        body, _ = self._body(("endmacro",))
        self._end()
        return Macro(name, parameters, body, pos)

    def _filter(self, pos: int) -> Statement:
        filters = [self.expressions.filter_call()]
        while self.expressions.at("OPERATOR", "|"):
            self.expressions.next()
            filters.append(self.expressions.filter_call())
        self._end()
        body, _ = self._body(("endfilter",))
        self._end()
        return FilterBlock(tuple(filters), body, pos)

    def _block(self, pos: int) -> Statement:
        token = self.expressions.next()
        if token.kind not in ("NAME", "STRING"):
            raise self.expressions.error(f"Unexpected {token.shown()}, expected the block's name", token)
        if token.value in self.blocks:
            raise ExpressionError(f"More than one block has the name {token.value}", offset=pos, code="F351")
        self.blocks.add(token.value)
        self._end()
        body, _ = self._body(("endblock",))
        if self.expressions.at("NAME", token.value):
            self.expressions.next()
        self._end()
        return Block(token.value, body, pos)
