"""Template text → tokens.

Outside braces everything is TEXT; `{{`, `{%` and `{#` open a region. `{% verbatim %}` and, in one line, `{% raw %}`
keep their content as text; line breaks right behind `{% verbatim %}` are dropped. In a text a backslash escapes the
quote and nothing else, beside an interpolation not even that. White-space control (`{{-`, `-%}`) is resolved here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from flowctl.language.expressions.errors import ExpressionError

OPERATORS = (
    "is not",
    "contains",
    "equals",
    "isIn",
    "and",
    "not",
    "???",
    "is",
    "or",
    "==",
    "!=",
    ">=",
    "<=",
    "??",
    "..",
    ">",
    "<",
    "+",
    "-",
    "*",
    "/",
    "%",
    "|",
    "~",
)
"""Longest first. A word is an operator only when no name character follows: `inputs.order`, `a.is_ok` are names."""

OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(OPENING.values())


def _operator_pattern() -> re.Pattern[str]:
    words = []
    for operator in OPERATORS:
        text = re.escape(operator).replace(r"\ ", r"\s+")
        words.append(text + r"(?![A-Za-z0-9_])" if operator[-1].isalpha() else text)
    return re.compile("|".join(words))


OPERATOR = _operator_pattern()
SPACE = re.compile(r"\s+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER = re.compile(r"[0-9]+L|[0-9]+(?:\.[0-9]+)?")
SINGLE_QUOTED = re.compile(r"'((?:[^'\\]++|\\.)*+)'", re.DOTALL)
IN_DOUBLE = re.compile(r'\\.|#\{|"|[^"#\\]+|.', re.DOTALL)
OPEN = re.compile(r"\{[{%#]")
COMMENT_END = re.compile(r"(-?)#\}")
KEEP = re.compile(r"\{%-?\s*(?:(raw)\s*(-?)%\}|(verbatim)\s*(-?)%\}(?:\r?\n)*)")
KEEP_END = re.compile(r"\{%(-?)\s*end(verbatim|raw)\s*(-?)%\}")
CLOSERS = {"PRINT_END": re.compile(r"\s*(-?)\}\}"), "EXECUTE_END": re.compile(r"\s*(-?)%\}")}


MAX_LENGTH = 1_000_000
MAX_INTERPOLATIONS = 8
MAX_ENDS = 1000
"""Ends of kept regions that are looked at for one beginning."""


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is TEXT, PRINT_START, PRINT_END, EXECUTE_START, EXECUTE_END, NAME, NUMBER, STRING, INTERPOLATED, OPERATOR,
    PUNCTUATION or EOF. An INTERPOLATED token has its `parts`: texts, and the tokens of each expression with EOF behind.
    """

    kind: str
    value: str
    pos: int
    parts: tuple[str | tuple[Token, ...], ...] = ()

    def shown(self) -> str:
        """The token as an error names it."""
        return "end of the template" if self.kind == "EOF" else f'"{self.value}"'


def tokenize(text: str) -> list[Token]:
    """All tokens of a template, EOF last. Raises ExpressionError (F351) with the offset of what is wrong."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"A template has at most {MAX_LENGTH} characters, not {len(text)}", code="F351")
    return _Lexer(text).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.tokens: list[Token] = []
        self.trim_next = False
        self.ends: list[re.Match[str]] | None = None
        self.nesting = 0

    def run(self) -> list[Token]:
        while self.pos < len(self.text):
            self._data()
        self._push("EOF", "", len(self.text))
        return self.tokens

    def _push(self, kind: str, value: str, pos: int) -> None:
        self.tokens.append(Token(kind, value, pos))

    def _data(self) -> None:
        found = OPEN.search(self.text, self.pos)
        if found is None:
            self._text(self.text[self.pos :], self.pos, False)
            self.pos = len(self.text)
            return
        start = found.start()
        trim = self.text.startswith("-", found.end())
        self._text(self.text[self.pos : start], self.pos, trim)
        self.pos = found.end() + trim
        opener = found.group()
        if opener == "{#":
            self._comment(start)
        elif opener == "{{":
            self._region("PRINT_START", "PRINT_END", start)
        elif not self._kept(start):
            self._region("EXECUTE_START", "EXECUTE_END", start)

    def _text(self, text: str, pos: int, trim_end: bool) -> None:
        if self.trim_next:
            text = text.lstrip()
            self.trim_next = False
        if trim_end:
            text = text.rstrip()
        if text:
            self._push("TEXT", text, pos)

    def _comment(self, start: int) -> None:
        end = COMMENT_END.search(self.text, self.pos)
        if end is None:
            raise ExpressionError("Unclosed comment", offset=start, hint="close it with #}", code="F351")
        self.pos = end.end()
        self.trim_next = bool(end.group(1))

    def _kept(self, start: int) -> bool:
        """Verbatim and raw regions."""
        found = KEEP.match(self.text, start)
        end = found and self._kept_end(found)
        if not found or not end:
            return False
        body = self.text[found.end() : end.start()]
        body = body.lstrip() if found.group(2) or found.group(4) else body
        body = body.rstrip() if end.group(1) else body
        if body:
            self._push("TEXT", body, found.end())
        self.pos = end.end()
        self.trim_next = bool(end.group(3))
        return True

    def _kept_end(self, opened: re.Match[str]) -> re.Match[str] | None:
        """The end of a verbatim or raw region; that of a raw one has to be in the same line."""
        if self.ends is None:
            self.ends = list(KEEP_END.finditer(self.text))
        name = opened.group(1) or opened.group(3)
        first = bisect_left(self.ends, opened.end(), key=lambda end: end.start())
        for end in self.ends[first : first + MAX_ENDS]:
            if end.group(2) == name:
                crosses = name == "raw" and "\n" in self.text[opened.end() : end.start()]
                return None if crosses else end
        return None

    def _region(self, opening: str, closing: str, start: int) -> None:
        self._push(opening, self.text[start : start + 2], start)
        closer = CLOSERS[closing]
        brackets: list[str] = []
        while self.pos < len(self.text):
            end = None if brackets else closer.match(self.text, self.pos)
            if end is not None:
                self._push(closing, "}}" if closing == "PRINT_END" else "%}", end.end() - 2)
                self.pos = end.end()
                self.trim_next = bool(end.group(1))
                return
            self._token(brackets)

    def _token(self, brackets: list[str]) -> None:
        space = SPACE.match(self.text, self.pos)
        if space is not None:
            self.pos = space.end()
        for kind, pattern in (("OPERATOR", OPERATOR), ("NAME", NAME), ("NUMBER", NUMBER)):
            found = pattern.match(self.text, self.pos)
            if found is not None:
                value = " ".join(found.group().split()) if kind == "OPERATOR" else found.group()
                self._push(kind, value, self.pos)
                self.pos = found.end()
                return
        self._mark_or_text(self.text[self.pos : self.pos + 1], brackets)

    def _mark_or_text(self, char: str, brackets: list[str]) -> None:
        if char and char in "()[]{}?:.,=":
            self._bracket(char, brackets)
            self._push("PUNCTUATION", char, self.pos)
            self.pos += 1
        elif char == '"':
            self._double_quoted()
        elif char == "'" and (found := SINGLE_QUOTED.match(self.text, self.pos)) is not None:
            self._push("STRING", found.group(1).replace("\\'", "'"), self.pos)
            self.pos = found.end()
        elif char == "'":
            raise ExpressionError("Unclosed text: the closing ' is missing", offset=self.pos, code="F351")
        elif char:
            raise ExpressionError(f"Unexpected character [{char}]", offset=self.pos, code="F351")
        else:
            raise ExpressionError("Unexpected end of the template", offset=self.pos, code="F351")

    def _bracket(self, char: str, brackets: list[str]) -> None:
        if char in OPENING:
            brackets.append(OPENING[char])
        elif char in CLOSING:
            if not brackets:
                raise ExpressionError(f'Unexpected "{char}"', offset=self.pos, code="F351")
            expected = brackets.pop()
            if expected != char:
                raise ExpressionError(f'Unclosed: "{expected}" is missing', offset=self.pos, code="F351")

    def _double_quoted(self) -> None:
        start = self.pos
        self.pos += 1
        parts: list[str | tuple[Token, ...]] = [""]
        while (found := IN_DOUBLE.match(self.text, self.pos)) is not None:
            self.pos = found.end()
            piece = found.group()
            if piece == '"':
                self._finish_double(start, parts)
                return
            if piece == "#{":
                parts += [self._interpolation(), ""]
            else:
                parts[-1] = str(parts[-1]) + piece
        raise ExpressionError('Unclosed text: the closing " is missing', offset=start, code="F351")

    def _finish_double(self, start: int, parts: list[str | tuple[Token, ...]]) -> None:
        if len(parts) == 1:
            self._push("STRING", str(parts[0]).replace('\\"', '"'), start)
        else:
            self.tokens.append(Token("INTERPOLATED", "", start, tuple(parts)))

    def _interpolation(self) -> tuple[Token, ...]:
        self.nesting += 1
        if self.nesting > MAX_INTERPOLATIONS:
            raise ExpressionError("Texts in #{…} are nested too deeply", offset=self.pos, code="F351")
        outer, self.tokens = self.tokens, []
        brackets: list[str] = []
        while self.pos < len(self.text):
            space = SPACE.match(self.text, self.pos)
            if space is not None:
                self.pos = space.end()
            if not brackets and self.text.startswith("}", self.pos):
                self._push("EOF", "}", self.pos)
                self.pos += 1
                break
            self._token(brackets)
        inner, self.tokens = tuple(self.tokens), outer
        self.nesting -= 1
        return inner
