"""What is shown of a running execution: its log, and on a terminal the tree of its task runs below it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, TextIO

from flowctl.cli.console import Console
from flowctl.cli.executions.following import Entry
from flowctl.views.graphs.executions import task_tree

KEPT_ROWS = 6
"""Rows of the terminal that stay free for the log."""
SMALLEST = 4


class Display(Protocol):
    """Shows an execution."""

    def line(self, entry: Entry) -> None:
        """Called with each log entry."""
        ...

    def changed(self, execution: Entry) -> None:
        """Called with the execution on each change, and now and then in between."""
        ...


class LogOnly:
    """Hands the log on, and shows nothing else."""

    def __init__(self, show: Callable[[Entry], None]) -> None:
        self._show = show

    def line(self, entry: Entry) -> None:
        """One log entry."""
        self._show(entry)

    def changed(self, execution: Entry) -> None:
        """Nothing is drawn."""


class LiveTree:
    """The log, and below it the tree, which is drawn over. What was drawn last stays."""

    def __init__(
        self,
        stream: TextIO,
        show: Callable[[Entry], None],
        *,
        colour: bool,
        size: Callable[[], os.terminal_size],
        clock: Callable[[], datetime],
    ) -> None:
        self._stream, self._show, self._colour, self._size, self._clock = stream, show, colour, size, clock
        self._drawn: list[str] = []
        self._last: Entry | None = None

    def line(self, entry: Entry) -> None:
        """One log entry, above the tree."""
        self._draw([])
        self._show(entry)
        if self._last is not None:
            self.changed(self._last)

    def changed(self, execution: Entry) -> None:
        """The tree anew."""
        self._last = execution
        size = self._size()
        rows = max(size.lines - KEPT_ROWS, SMALLEST)
        # a line that fills the last column would wrap on some terminals
        self._draw(task_tree(execution, self._clock(), rows=rows, width=size.columns - 1, colour=self._colour))

    def _draw(self, lines: list[str]) -> None:
        if lines == self._drawn:
            return
        up = f"\x1b[{len(self._drawn)}F\x1b[0J" if self._drawn else ""
        self._stream.write(up + "".join(f"{line}\n" for line in lines))
        self._stream.flush()
        self._drawn = lines


def display_for(console: Console, show: Callable[[Entry], None]) -> Display:
    """The display that suits the console: a tree where standard error is a terminal that can be drawn over."""
    if console.json or not console.err.isatty() or console.environ.get("TERM", "dumb") == "dumb":
        return LogOnly(show)
    return LiveTree(
        console.err,
        show,
        colour=console.error_colour,
        size=shutil.get_terminal_size,
        clock=lambda: datetime.now(UTC),
    )
