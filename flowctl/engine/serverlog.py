"""The server's own log: lines on stderr, without the values of secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

CHATTY = ("uvicorn", "httpx", "httpcore")
"""Libraries of which warnings alone are told: httpx would write the address of every request of every task."""


class Concealing(logging.Formatter):
    """Writes records, tracebacks included, as `mask` leaves them."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self.mask: Callable[[str], str] = str

    def format(self, record: logging.LogRecord) -> str:
        """The line without what is secret."""
        return self.mask(super().format(record))


def to_stderr() -> None:
    """Write the log of this process to stderr, from level INFO on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Concealing())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def conceal(mask: Callable[[str], str]) -> None:
    """From now on leave out what `mask` leaves out, where the log goes to stderr."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Concealing):
            handler.formatter.mask = mask
