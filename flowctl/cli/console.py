"""The process's terminal: where text goes, whether in colour, and what the global options said."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

from flowctl.cli.terminal.streams import open_missing, outlet


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour what goes to `stream`: `NO_COLOR` says no, `FORCE_COLOR` yes, otherwise a terminal does.

    Both variables count when they are set and not empty (https://no-color.org, https://force-color.org).
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


@dataclass
class Console:
    """What commands print to. `json` is set by a command's `--json`, so that errors are JSON as well."""

    out: TextIO
    err: TextIO
    environ: Mapping[str, str]
    colour: bool = False
    error_colour: bool = False
    verbose: bool = False
    json: bool = False
    said: set[str] = field(default_factory=set)

    @classmethod
    def of_process(cls) -> Console:
        """The console of this process; no character that it lacks makes it fail, nor a stream that is closed."""
        open_missing()
        out = sys.stdout = outlet(sys.stdout)
        err = sys.stderr = outlet(sys.stderr, quiet=True)
        return cls(out, err, os.environ, wants_colour(out, os.environ), wants_colour(err, os.environ))

    def enter(self, directory: str) -> None:
        """Change into a directory, for `-C`.

        Raises:
            UsageError: it cannot be entered.
        """
        try:
            os.chdir(directory)
        except OSError as problem:
            from flowctl.errors import UsageError

            raise UsageError.of(
                "C101", f"cannot work in {directory!r}: {problem.strerror}", hint="name an existing directory after -C"
            ) from problem

    def plain(self) -> None:
        """No colour from here on, for `--no-color`."""
        self.colour = self.error_colour = False

    def show(self, text: str) -> None:
        """Print a result to standard output."""
        self.out.write(text if text.endswith("\n") else text + "\n")

    def say(self, text: str) -> None:
        """Print a remark to standard error, at once."""
        self.err.write(text if text.endswith("\n") else text + "\n")
        self.err.flush()

    def say_once(self, text: str) -> None:
        """Print a remark unless it stands there already: several servers may be connected to, or one several times."""
        if text not in self.said:
            self.said.add(text)
            self.say(text)

    def flush(self) -> None:
        """Hand everything printed so far to the reader."""
        self.out.flush()
        self.err.flush()

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked: both input and output are a terminal."""
        return sys.stdin.isatty() and self.err.isatty()
