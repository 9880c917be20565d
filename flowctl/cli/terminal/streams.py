r"""Output streams that never fail on a character, and tell when they cannot be written.

What an encoding lacks is escaped as in JSON: `\u2603`. Above U+FFFF it is a pair of surrogates, so that a document in
JSON stays one and means the same.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable
from typing import TextIO

_ESCAPED = "flowctl-escaped"


def _escape(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    units = problem.object[problem.start : problem.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), problem.end


class OutputLost(Exception):
    """Standard output cannot be written: a full disk behind it, for example. The text says why."""


class Outlet(io.TextIOWrapper):
    """A standard stream whose failures are told apart from those of files.

    What is written after a failure is dropped. With `quiet` so is the failure: that of standard error has nowhere to
    be told.
    """

    def __init__(self, stream: io.TextIOWrapper, *, quiet: bool) -> None:
        encoding, lines, through = stream.encoding, stream.line_buffering, stream.write_through
        super().__init__(stream.detach(), encoding, _ESCAPED, line_buffering=lines, write_through=through)
        self._quiet = quiet
        self._lost: str | None = None

    def write(self, text: str) -> int:
        """Write a text, as far as anything still can be written.

        Raises:
            OutputLost: it cannot be written, for another reason than that nobody reads.
        """
        if self._lost is None:
            self._attempt(lambda: super(Outlet, self).write(text))
        elif not self._quiet:
            raise OutputLost(self._lost)
        return len(text)

    def flush(self) -> None:
        """Hand everything written to the reader.

        Raises:
            OutputLost: it cannot be written, for another reason than that nobody reads.
        """
        if self._lost is None:
            self._attempt(super().flush)
        elif not self._quiet:
            raise OutputLost(self._lost)

    def hush(self) -> None:
        """Raise no more: the failure has been told."""
        self._quiet = True

    def _attempt(self, write: Callable[[], object]) -> None:
        try:
            write()
        except BrokenPipeError:
            raise
        except OSError as problem:
            self._lost = (problem.strerror or str(problem)).lower()
            discard(self.fileno())
            if not self._quiet:
                raise OutputLost(self._lost) from None


def outlet(stream: TextIO, *, quiet: bool = False) -> TextIO:
    """A standard stream that never fails on a character, and tells when it cannot be written; others as they are."""
    if type(stream) is not io.TextIOWrapper:
        return stream
    codecs.register_error(_ESCAPED, _escape)
    return Outlet(stream, quiet=quiet)


def discard(descriptor: int) -> None:
    """Let a descriptor lead nowhere, with what is still buffered for it."""
    null = os.open(os.devnull, os.O_RDWR)
    if null != descriptor:
        os.dup2(null, descriptor)
        os.close(null)


def open_missing() -> None:
    """Give the process the standard streams that it was started without, so that no file gets their numbers."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            discard(number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # for good
