"""Suggestions for words that were probably mistyped."""

from __future__ import annotations

from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean X?` for the nearest of the known words; `otherwise` when none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else otherwise
