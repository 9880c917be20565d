"""Colour for terminals, in the fewest words."""

from __future__ import annotations

from dataclasses import dataclass

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text, or leaves it as it is."""

    on: bool

    def __call__(self, text: str, *styles: str) -> str:
        """The text in the styles (`bold`, `dim`, `red`, `green`, `yellow`, `cyan`)."""
        if not self.on or not text:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"


def printable(text: str) -> str:
    """A text that came from elsewhere, safe for a terminal: control characters as escapes, line ends kept."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
