"""Date patterns in Java's letters → tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flowctl.language.expressions.errors import ExpressionError

LETTERS = frozenset("GuyDMLdQqYwWEecFgaBhKkHmsSAnNVvzOXxZ")
LIMITS = {
    "G": 5, "D": 3, "M": 5, "L": 5, "d": 2, "Q": 5, "q": 5, "w": 2, "W": 1, "E": 5, "e": 5, "c": 5, "F": 1, "a": 1,
    "B": 5, "h": 2, "K": 2, "k": 2, "H": 2, "m": 2, "s": 2, "S": 9, "v": 4, "z": 4, "X": 5, "x": 5, "Z": 5,
}  # fmt: skip
ALWAYS_NUMBERS = frozenset("uyDdYwWFghKkHmsSAnN")
NUMBERS_TO_TWO = frozenset("MLQqec")
MAX_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Field:
    """A letter so many times; `pad` is the width that `p` asks for."""

    letter: str
    count: int
    pad: int = 0

    @property
    def is_number(self) -> bool:
        """Whether the field is written in digits."""
        return self.letter in ALWAYS_NUMBERS or (self.letter in NUMBERS_TO_TWO and self.count <= 2)


@dataclass(frozen=True, slots=True)
class Constant:
    """Text as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Optional:
    """What stands between `[` and `]`."""

    tokens: tuple[PatternToken, ...]


PatternToken = Field | Constant | Optional


@lru_cache(maxsize=512)
def parse(pattern: str) -> tuple[PatternToken, ...]:
    """The tokens of a pattern. Raises ExpressionError for letters that mean nothing, and for unclosed quotes."""
    if len(pattern) > MAX_LENGTH:
        raise ExpressionError(f"A date pattern has at most {MAX_LENGTH} characters")
    stack: list[list[PatternToken]] = [[]]
    pos, pad = 0, 0
    while pos < len(pattern):
        char = pattern[pos]
        if char.isascii() and char.isalpha():
            count = len(pattern[pos:]) - len(pattern[pos:].lstrip(char))
            pad = _letters(char, count, pad, stack[-1])
            pos += count
        elif pad:
            raise ExpressionError("Pad letter 'p' must be followed by valid pad pattern")
        else:
            pos = _other(pattern, pos, stack)
    if pad:
        raise ExpressionError("Pad letter 'p' must be followed by valid pad pattern")
    while len(stack) > 1:
        _close(stack)
    return tuple(stack[0])


def _letters(char: str, count: int, pad: int, into: list[PatternToken]) -> int:
    if char == "p":
        return count
    if char not in LETTERS:
        raise ExpressionError(f"Unknown pattern letter: {char}", hint="put text in a pattern between single quotes")
    if count > LIMITS.get(char, 19) or (char == "e" and count > 5):
        raise ExpressionError(f"Too many pattern letters: {char}")
    if char == "B" and count not in (1, 4, 5):
        raise ExpressionError(f"Wrong number of pattern letters: {char}")
    if char == "c" and count == 2:
        raise ExpressionError("Invalid pattern: cc")
    if char == "V" and count != 2:
        raise ExpressionError("Pattern letter count must be 2: V")
    if char == "O" and count not in (1, 4):
        raise ExpressionError("Pattern letter count must be 1 or 4: O")
    if char == "v" and count not in (1, 4):
        raise ExpressionError(f"Wrong number of pattern letters: {char}")
    into.append(Field(char, count, pad))
    return 0


def _other(pattern: str, pos: int, stack: list[list[PatternToken]]) -> int:
    char = pattern[pos]
    if char == "'":
        return _quoted(pattern, pos, stack[-1])
    if char == "[":
        stack.append([])
    elif char == "]":
        if len(stack) == 1:
            raise ExpressionError("Pattern invalid as it contains ] without previous [")
        _close(stack)
    elif char in "{}#":
        raise ExpressionError(f"Pattern includes reserved character: '{char}'")
    else:
        stack[-1].append(Constant(char))
    return pos + 1


def _close(stack: list[list[PatternToken]]) -> None:
    inner = stack.pop()
    stack[-1].append(Optional(tuple(inner)))


def _quoted(pattern: str, pos: int, into: list[PatternToken]) -> int:
    if pattern.startswith("''", pos):
        into.append(Constant("'"))
        return pos + 2
    text, pos = "", pos + 1
    while pos < len(pattern):
        if pattern.startswith("''", pos):
            text, pos = text + "'", pos + 2
        elif pattern[pos] == "'":
            into.append(Constant(text))
            return pos + 1
        else:
            text, pos = text + pattern[pos], pos + 1
    raise ExpressionError(f"Pattern ends with an incomplete string literal: {pattern[:60]}")
