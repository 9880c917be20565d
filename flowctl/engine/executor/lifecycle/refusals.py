"""Why a command is refused."""

from __future__ import annotations


class WrongState(Exception):
    """The execution is in a state in which the command makes no sense."""


class NotPaused(WrongState):
    """There is nothing to resume."""


class BadRequest(Exception):
    """The command's values cannot be used."""
