"""Collecting text within limits."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.language.expressions.errors import LimitError

Check = Callable[[], None]
"""Called now and then during long work; raises LimitError when time is up."""
CHECKED_EVERY = 4096


def unchecked() -> None:
    """For work outside of a rendering, which only its size bounds."""


class Writer:
    """Collects text up to a limit of characters, and looks at the time now and then.

    A small value may refer to another many times over, so the size of a value says nothing about its text.
    """

    def __init__(self, limit: int, check: Check = unchecked) -> None:
        self.left = limit
        self.parts: list[str] = []
        self.check = check

    def add(self, text: str) -> None:
        """Appends text. Raises LimitError past the limit."""
        self.left -= len(text)
        if self.left < 0:
            raise LimitError("The text of a value is longer than a rendering may be")
        self.parts.append(text)
        if len(self.parts) % CHECKED_EVERY == 0:
            self.check()

    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)
