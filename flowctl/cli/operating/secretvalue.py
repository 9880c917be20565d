"""Reading a secret's value without it standing on the command line or the screen."""

from __future__ import annotations

import sys

from flowctl.cli.console import Console
from flowctl.errors import FlowctlError


def read_value(console: Console, key: str, command: str) -> str:
    """The value: asked for twice on a terminal, else all of standard input without its last newline.

    `command` is what was typed, for the hint.

    Raises:
        FlowctlError: C131, it is empty, or the two do not agree.
    """
    value = _ask(key) if console.interactive else sys.stdin.read().removesuffix("\n")
    if not value:
        raise FlowctlError.of("C131", f"the value of {key} is empty", hint=f"printf %s VALUE | {command}")
    return value


def _ask(key: str) -> str:
    from getpass import getpass

    first = getpass(f"Value of {key}: ")
    if getpass("Once more: ") != first:
        raise FlowctlError.of("C131", "the two values are not the same", hint="nothing was changed; try again")
    return first
