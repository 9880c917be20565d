"""Tokens → expression tree, by precedence climbing.

Precedences, loosest first: ternary, `or` 10, `and` 15, `is` `is not` `contains` 20, comparisons 30, `+ -` 40,
`* / %` 60, filter `|` 100, `~` 110, `..` `??` `???` 120, unary `not - +` 500, attribute and call. All binary operators
are left associative.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.parsing.lexer import Token
from flowctl.language.expressions.parsing.nodes import (
    Arguments,
    Attribute,
    Binary,
    Call,
    Expression,
    FilterCall,
    Interpolated,
    ListLiteral,
    Literal,
    MapLiteral,
    Name,
    Ternary,
    TestCall,
    Unary,
)
from flowctl.language.expressions.values import Long

BINARY = {
    "or": 10,
    "and": 15,
    "is": 20,
    "is not": 20,
    "contains": 20,
    "==": 30,
    "equals": 30,
    "!=": 30,
    ">": 30,
    "<": 30,
    ">=": 30,
    "<=": 30,
    "isIn": 30,
    "+": 40,
    "-": 40,
    "*": 60,
    "/": 60,
    "%": 60,
    "|": 100,
    "~": 110,
    "..": 120,
    "??": 120,
    "???": 120,
}
UNARY = frozenset({"not", "-", "+"})
UNARY_PRECEDENCE = 500
CONSTANTS: dict[str, object] = {
    "true": True,
    "TRUE": True,
    "false": False,
    "FALSE": False,
    "null": None,
    "NULL": None,
    "none": None,
    "NONE": None,
}
MAX_DEPTH = 60
LONG_MAX = 2**63 - 1
HINTS = {
    "in": "there is no `in`: write `x isIn list` or `list contains x`",
    "if": "write `condition ? a : b`",
    "matches": "write `text | regexMatch('…')`",
    "starts": "write `text | startsWith('…')`",
    "ends": "write `text | endsWith('…')`",
    "=": "write `==` to compare, `{% set name = … %}` to assign",
    "gt": "write `>`",
    "lt": "write `<`",
    "not": "write `not (a isIn b)` or `not (a contains b)`",
}


class ExpressionParser:
    """Reads expressions off a list of tokens that ends in EOF; `pos` is the next token."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.pos = 0
        self.depth = 0

    @property
    def current(self) -> Token:
        return self.tokens[self.pos]

    def next(self) -> Token:
        """Takes a token; EOF is never passed."""
        token = self.tokens[self.pos]
        if token.kind != "EOF":
            self.pos += 1
        return token

    def at(self, kind: str, value: str | None = None, ahead: int = 0) -> bool:
        """Whether a token is of this kind and value."""
        token = self.tokens[min(self.pos + ahead, len(self.tokens) - 1)]
        return token.kind == kind and (value is None or token.value == value)

    def expect(self, kind: str, value: str | None = None) -> Token:
        """Takes a token of this kind and value, or raises a syntax error that names both."""
        if self.at(kind, value):
            return self.next()
        wanted = (
            f'"{value}"' if value else {"PRINT_END": '"}}"', "EXECUTE_END": '"%}"', "NAME": "a name"}.get(kind, kind)
        )
        raise self.error(f"Unexpected {self.current.shown()}, expected {wanted}")

    def error(self, message: str, token: Token | None = None) -> ExpressionError:
        """A syntax error at a token, the current one when none is given."""
        token = token or self.current
        return ExpressionError(message, offset=token.pos, hint=HINTS.get(token.value, ""), code="F351")

    def parse(self, least: int = 0) -> Expression:
        """An expression whose binary operators bind at least as tightly as `least`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"The expression is nested deeper than {MAX_DEPTH} levels")
        left = self._operand()
        while self.current.kind == "OPERATOR" and BINARY.get(self.current.value, -1) >= least:
            left = self._binary(left, self.next())
        if least == 0 and self.at("PUNCTUATION", "?"):
            left = self._ternary(left)
        self.depth -= 1
        return left

    def _binary(self, left: Expression, operator: Token) -> Expression:
        if operator.value == "|":
            return FilterCall(left, *self.filter_call())
        if operator.value in ("is", "is not"):
            name = self.expect("NAME")
            arguments = self.arguments() if self.at("PUNCTUATION", "(") else Arguments()
            return TestCall(left, name.value, arguments, operator.value == "is not", name.pos)
        right = self.parse(BINARY[operator.value] + 1)
        return Binary(operator.value, left, right, operator.pos)

    def filter_call(self) -> tuple[str, Arguments, int]:
        """Name, arguments and place of the filter that follows."""
        name = self.expect("NAME")
        arguments = self.arguments() if self.at("PUNCTUATION", "(") else Arguments()
        return name.value, arguments, name.pos

    def _ternary(self, condition: Expression) -> Expression:
        mark = self.next()
        then = self.parse()
        self.expect("PUNCTUATION", ":")
        return Ternary(condition, then, self.parse(), mark.pos)

    def _operand(self) -> Expression:
        token = self.current
        if token.kind == "OPERATOR" and token.value in UNARY:
            self.next()
            return Unary(token.value, self.parse(UNARY_PRECEDENCE), token.pos)
        if self.at("PUNCTUATION", "("):
            self.next()
            inner = self.parse()
            self.expect("PUNCTUATION", ")")
            return self._postfix(inner)
        if self.at("PUNCTUATION", "["):
            return self._list()
        if self.at("PUNCTUATION", "{"):
            return self._map()
        return self._postfix(self._primary())

    def _primary(self) -> Expression:
        token = self.current
        if token.kind == "NAME":
            return self._name(self.next())
        if token.kind == "NUMBER":
            return _number(self.next())
        if token.kind == "STRING":
            return Literal(self.next().value, token.pos)
        if token.kind == "INTERPOLATED":
            return _interpolated(self.next())
        raise self.error(f"Unexpected {token.shown()}, expected a value")

    def _name(self, token: Token) -> Expression:
        if token.value in CONSTANTS:
            return Literal(CONSTANTS[token.value], token.pos)
        if self.at("PUNCTUATION", "("):
            return Call(token.value, self.arguments(), token.pos)
        return Name(token.value, token.pos)

    def _postfix(self, node: Expression) -> Expression:
        while True:
            if self.at("PUNCTUATION", "."):
                self.next()
                name = self.expect("NAME")
                arguments = self.arguments() if self.at("PUNCTUATION", "(") else None
                node = Attribute(node, Literal(name.value, name.pos), arguments, name.pos)
            elif self.at("PUNCTUATION", "["):
                self.next()
                start = self.current.pos
                key = self.parse()
                self.expect("PUNCTUATION", "]")
                node = Attribute(node, key, None, start)
            else:
                return node

    def arguments(self) -> Arguments:
        """What stands in the parentheses that follow: values, then `name=value`."""
        self.expect("PUNCTUATION", "(")
        positional: list[Expression] = []
        named: list[tuple[str, Expression]] = []
        while not self.at("PUNCTUATION", ")"):
            if positional or named:
                self.expect("PUNCTUATION", ",")
            if self.at("NAME") and self.at("PUNCTUATION", "=", ahead=1):
                name = self.next().value
                self.next()
                named.append((name, self.parse()))
            elif named:
                raise self.error("A positional argument may not follow a named one")
            else:
                positional.append(self.parse())
        self.next()
        return Arguments(tuple(positional), tuple(named))

    def parameters(self) -> tuple[tuple[str, Expression | None], ...]:
        """The parameters of a macro: names, each with or without a default."""
        self.expect("PUNCTUATION", "(")
        found: list[tuple[str, Expression | None]] = []
        while not self.at("PUNCTUATION", ")"):
            if found:
                self.expect("PUNCTUATION", ",")
            name = self.expect("NAME").value
            default = None
            if self.at("PUNCTUATION", "="):
                self.next()
                default = self.parse()
            found.append((name, default))
        self.next()
        return tuple(found)

    def _list(self) -> Expression:
        start = self.next().pos
        items: list[Expression] = []
        while not (self.at("PUNCTUATION", "]") and not items):
            items.append(self.parse())
            if self.at("PUNCTUATION", "]"):
                break
            self.expect("PUNCTUATION", ",")
        self.expect("PUNCTUATION", "]")
        return ListLiteral(tuple(items), start)

    def _map(self) -> Expression:
        start = self.next().pos
        entries: list[tuple[Expression, Expression]] = []
        while not (self.at("PUNCTUATION", "}") and not entries):
            key = self.parse()
            self.expect("PUNCTUATION", ":")
            entries.append((key, self.parse()))
            if self.at("PUNCTUATION", "}"):
                break
            self.expect("PUNCTUATION", ",")
        self.expect("PUNCTUATION", "}")
        return MapLiteral(tuple(entries), start)


def _number(token: Token) -> Expression:
    if "." in token.value:
        return Literal(float(token.value), token.pos)
    digits = token.value.rstrip("L")
    if len(digits) > 19 or int(digits) > LONG_MAX:
        raise ExpressionError(f"{digits[:25]} is larger than a 64-bit number", offset=token.pos, code="F351")
    return Literal(Long(digits), token.pos)


def _interpolated(token: Token) -> Expression:
    parts: list[Expression] = []
    for part in token.parts:
        if isinstance(part, str):
            parts.append(Literal(part, token.pos))
            continue
        inner = ExpressionParser(part)
        parts.append(inner.parse())
        if not inner.at("EOF"):
            raise inner.error(f"Unexpected {inner.current.shown()}, expected " + '"}"')
    return Interpolated(tuple(parts), token.pos)
