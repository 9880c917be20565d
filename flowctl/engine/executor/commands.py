"""Running a command: a change that somebody asked for, in a turn of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flowctl.engine.executor.performer import Performer

T = TypeVar("T")


def apply_command(performer: Performer, command: Callable[[Performer], T]) -> T:
    """Let the command change the records. Whatever it raises leaves the stored execution as it was."""
    performer.live.pending_lines = performer.turn.lines
    return command(performer)
