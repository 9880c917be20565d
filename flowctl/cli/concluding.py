"""What a command that does something says at its end: a remark to people, with `--json` a document to programs."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.cli.console import Console


def conclude(console: Console, kind: str, members: Mapping[str, object], *remarks: str) -> None:
    """Print `{format, kind, …members}` to standard output with `--json`, else the remarks to standard error."""
    if console.json:
        import json

        console.show(json.dumps({"format": "1.0", "kind": kind, **members}, ensure_ascii=False))
        return
    for remark in remarks:
        console.say(remark)
