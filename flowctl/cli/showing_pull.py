"""What a pull changes, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff

from flowctl.cli.console import Console
from flowctl.cli.pulling import FileEdit, LeftOut


def show_pull(console: Console, edits: Sequence[FileEdit], left_out: Sequence[LeftOut], *, diff: bool) -> None:
    """Print the files that change, with their differences if asked for, and what is left out."""
    for edit in edits:
        console.show(f"{edit.symbol} {edit.path}  ({edit.key.address})")
        for line in _difference(edit) if diff else ():
            console.show(f"    {line}")
    for one in left_out:
        console.say(f"left out: {one.key.address}: {one.reason}")
    if not edits:
        console.say("Nothing to take: the files have all that the server has.")


def _difference(edit: FileEdit) -> Iterator[str]:
    """Unified hunks; the bytes of a file that is no text are only counted."""
    from flowctl.views.ansi import printable

    try:
        old, new = ((side or b"").decode("utf-8").splitlines() for side in (edit.before, edit.after))
    except UnicodeDecodeError:
        yield f"({len(edit.before or b'')} -> {len(edit.after or b'')} bytes)"
        return
    yield from (printable(line) for line in list(unified_diff(old, new, lineterm=""))[2:])
