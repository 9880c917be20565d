"""jq text → tokens, one at a time, because a text may hold programs."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.jq.tree import Node

TOKEN = re.compile(
    r"(?P<space>\s+|#[^\n]*)"
    r"|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?)"
    r"|(?P<variable>\$(?:__loc__|[A-Za-z_][A-Za-z0-9_]*))"
    r"|(?P<format>@[a-z0-9]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>\?//=|\?//|//=|\|=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|\.\.|[.\[\]{}()|,:;=<>+\-*/%?])"
)
STRING_PART = re.compile(r'[^"\\]+|\\\(|\\.|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is field, number, variable, format, name, mark, text or end; `parts` are those of a text."""

    kind: str
    value: str
    pos: int
    parts: tuple[str | Node, ...] = ()


class TokenReader(ABC):
    """Reads tokens off a program; a parser inherits it and says what stands in `\\(…)` of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.depth = 0
        self.token = Token("end", "", 0)
        self.advance()

    def fail(self, what: str = "") -> ExpressionError:
        shown = self.token.value or "the end"
        return ExpressionError(f"jq: syntax error{what and ': ' + what} at '{shown}' (position {self.token.pos + 1})")

    def advance(self) -> Token:
        """Takes the current token and reads the next one."""
        taken = self.token
        while self.pos < len(self.text):
            start = self.pos
            if self.text[start] == '"':
                self.token = self._string(start)
                return taken
            found = TOKEN.match(self.text, start)
            if found is None or found.lastgroup is None:
                raise ExpressionError(f"jq: unexpected '{self.text[start]}' (position {start + 1})")
            self.pos = found.end()
            if found.lastgroup != "space":
                self.token = Token(found.lastgroup, found.group(), start)
                return taken
        self.token = Token("end", "", self.pos)
        return taken

    def _string(self, start: int) -> Token:
        self.pos += 1
        parts: list[str | Node] = []
        raw = ""
        while found := STRING_PART.match(self.text, self.pos):
            self.pos = found.end()
            piece = found.group()
            if piece == '"':
                return Token("text", "", start, (*parts, _unescape(raw)))
            if piece == "\\(":
                parts += [_unescape(raw), self._interpolated()]
                raw = ""
            else:
                raw += piece
        raise ExpressionError(f"jq: unclosed text (position {start + 1})")

    def _interpolated(self) -> Node:
        outer = self.token
        self.advance()
        node = self.interpolation()
        if not (self.token.kind == "mark" and self.token.value == ")"):
            raise self.fail("')' is missing")
        self.pos = self.token.pos + 1
        self.token = outer
        return node

    def at(self, *values: str) -> bool:
        """Whether the current token is one of these marks or words."""
        return self.token.kind in ("mark", "name") and self.token.value in values

    def expect(self, kind: str, value: str) -> Token:
        """Takes a token of this kind and value, or raises."""
        if self.token.kind != kind or (value and self.token.value != value):
            raise self.fail(f"expected '{value or 'the end'}'")
        return self.advance()

    def accept(self, value: str) -> bool:
        """Takes a mark or word when it is the current one."""
        if self.at(value):
            self.advance()
            return True
        return False

    @abstractmethod
    def interpolation(self) -> Node:
        """The program inside a text."""


def _unescape(raw: str) -> str:
    if "\\" not in raw:
        return raw
    try:
        return str(json.loads('"' + raw.replace("\n", "\\n").replace("\t", "\\t") + '"'))
    except ValueError:
        raise ExpressionError(f'jq: invalid escape in "{raw[:40]}"') from None
