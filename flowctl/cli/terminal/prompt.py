"""The one question flowctl asks."""

from __future__ import annotations

import sys

from flowctl.cli.console import Console
from flowctl.errors import FlowctlError

QUESTION = """
Do you want to {what}?
  flowctl will do exactly what is shown above.
  Only 'yes' will be accepted.

  Enter a value: """


def confirm(console: Console, what: str) -> bool:
    """Whether the user types `yes`.

    Raises:
        FlowctlError: C104, there is nobody to ask.
    """
    if not console.interactive:
        raise FlowctlError.of(
            "C104",
            f"asked to {what}, but there is no terminal to confirm it on",
            hint="give --auto-approve, or apply a saved plan",
        )
    console.flush()
    console.err.write(QUESTION.format(what=what))
    console.err.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        console.err.write("\n")  # after Ctrl-D the line is still the question's
    return answer.strip() == "yes"
