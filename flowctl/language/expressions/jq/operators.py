"""Operators of jq with their rank and side, and the words that are no names of functions."""

from __future__ import annotations

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
