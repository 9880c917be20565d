"""What a pull changes, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff

from flowctl.cli.console import Console
from flowctl.cli.pulling.file_edits import FileEdit
from flowctl.cli.pulling.file_names import Renamed
from flowctl.cli.pulling.puller import LeftOut
from flowctl.model.keys import FlowKey, KvKey
from flowctl.model.plan import Content


def show_pull(
    console: Console,
    edits: Sequence[FileEdit],
    left_out: Sequence[LeftOut],
    renamed: Sequence[Renamed],
    *,
    diff: bool,
    unmanaged: int = 0,
) -> None:
    """Print the files that change, with their differences if asked for, and what is left out.

    `renamed` are flows whose file has another name; `unmanaged` is the number of objects that nobody asked about.
    """
    for edit in edits:
        console.show(f"{edit.symbol} {edit.path}  ({', '.join(key.address for key in edit.keys)})")
        for line in _difference(edit) if diff else ():
            console.show(f"    {line}")
    for new in renamed:
        console.say(f"Note: {new.key.address} goes to {new.path}: some disks take its own name for {new.twin}.")
    for one in left_out:
        console.say(f"left out: {one.key.address}: {one.reason}")
    if not edits:
        console.say("Nothing was taken." if left_out else "Nothing to take: the files have every edit of the server's.")
        if unmanaged:
            console.say(f"Not flowctl's and not looked at: {unmanaged}. --all takes what has a place among the files.")


def _difference(edit: FileEdit) -> Iterator[str]:
    """Unified hunks without secrets; the bytes of a file that is no text are only counted.

    Values of key-values are not shown: any of them may be secret.
    """
    if isinstance(edit.keys[0], KvKey):
        return
    try:
        old, new = (side.decode("utf-8") if side is not None else None for side in (edit.before, edit.after))
    except UnicodeDecodeError:
        yield f"({len(edit.before or b'')} -> {len(edit.after or b'')} bytes)"
        return
    yield from _flow_lines(old, new) if isinstance(edit.keys[0], FlowKey) else _lines(old or "", new or "")


def _flow_lines(old: str | None, new: str | None) -> Iterator[str]:
    from flowctl.views.text_diff import difference

    return difference(_content(old), _content(new))


def _content(text: str | None) -> Content | None:
    from flowctl.cli.plans.freshness import flow_content
    from flowctl.flowtext.digests import text_digest

    return flow_content(text_digest(text), None, text) if text is not None else None


def _lines(old: str, new: str) -> Iterator[str]:
    from flowctl.views.ansi import printable

    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm=""))
    yield from (printable(line) for line in lines[2:])
