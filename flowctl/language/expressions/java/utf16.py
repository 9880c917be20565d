"""Lengths and positions in texts, counted as Java does: in units of UTF-16, of which an emoji takes two."""

from __future__ import annotations


def units(text: str) -> int:
    """How many units the text has."""
    return len(text) if _narrow(text) else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, start: int, end: int) -> str:
    """The units from `start` up to before `end`; half a character becomes `?`, as it does when Java writes it."""
    if _narrow(text):
        return text[start:end]
    raw = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
    return "".join("?" if "\ud800" <= char <= "\udfff" else char for char in raw.decode("utf-16-le", "surrogatepass"))


def _narrow(text: str) -> bool:
    """Whether every character takes one unit."""
    return text.isascii() or max(text) <= "\uffff"
