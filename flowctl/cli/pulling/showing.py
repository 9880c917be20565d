"""What a pull changes, for a terminal and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff

from flowctl.cli.console import Console
from flowctl.cli.pulling.file_edits import FileEdit
from flowctl.cli.pulling.pulled import Pulled
from flowctl.model.keys import FlowKey, KvKey
from flowctl.model.plan import Content

FORMAT = "1.0"


def show_pull(console: Console, pulled: Pulled, *, diff: bool) -> None:
    """Print the files that change, with their differences if asked for, what is left out, and who else reads them."""
    for edit in pulled.edits:
        console.show(f"{edit.symbol} {edit.path}  ({', '.join(key.address for key in edit.keys)})")
        for line in _difference(edit) if diff else ():
            console.show(f"    {line}")
    for new in pulled.renamed:
        console.say(f"Note: {new.key.address} goes to {new.path}: some disks take its own name for {new.twin}.")
    for one in pulled.left_out:
        console.say(f"left out: {one.key.address}: {one.reason}")
    if not pulled.edits:
        _say_nothing(console, pulled)
    for other, paths in (pulled.also_read_by or {}).items():
        console.say(f"Note: {other} reads {', '.join(paths)} as well.")


def _say_nothing(console: Console, pulled: Pulled) -> None:
    nothing = "Nothing to take: the files have every edit of the server's."
    console.say("Nothing was taken." if pulled.left_out else nothing)
    if pulled.unmanaged:
        rest = f"Not flowctl's and not looked at: {pulled.unmanaged}."
        console.say(f"{rest} --all takes what has a place among the files.")


def say_taken(console: Console, pulled: Pulled, branch: str | None, commit: str | None) -> None:
    """Say where the edits are now, and what comes next."""
    if commit is not None:
        console.say(f"Committed to branch {branch}: {commit[:12]}")
    else:
        console.say(f"Review with Git, then: flowctl plan {pulled.environment}")


def pull_json(pulled: Pulled, *, dry_run: bool, branch: str | None = None, commit: str | None = None) -> str:
    """All of it as one JSON document; differences with `dry_run` only."""
    found = {
        "format": FORMAT,
        "kind": "pull",
        "environment": pulled.environment,
        "dryRun": dry_run,
        "branch": branch,
        "commit": commit,
        "edits": [_edit_members(edit, diff=dry_run) for edit in pulled.edits],
        "leftOut": [{"object": one.key.address, "reason": one.reason} for one in pulled.left_out],
        "renamed": [{"object": one.key.address, "path": one.path, "twin": one.twin} for one in pulled.renamed],
        "alsoReadBy": dict(pulled.also_read_by or {}),
        "unmanaged": pulled.unmanaged,
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _edit_members(edit: FileEdit, *, diff: bool) -> dict[str, object]:
    change = {"+": "create", "~": "update", "-": "delete"}[edit.symbol]
    found: dict[str, object] = {"path": edit.path, "change": change, "objects": [key.address for key in edit.keys]}
    return found | ({"diff": list(_difference(edit))} if diff else {})


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
