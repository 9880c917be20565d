"""The lines of a deployed flow with their origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowctl.cli.console import Console
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.remote.port import Server


def show_blame(console: Console, server: Server, environment: Environment, key: FlowKey) -> None:
    """Print the flow's text, secrets masked, with revision, serial, time and person before each line; with `--json` one
    document with a row for each line.

    Raises:
        FlowctlError: C119, the server has no such flow.
    """
    from flowctl.cli.past.rows import check_within, flow_rows, no_flow
    from flowctl.cli.plans.freshness import flow_content
    from flowctl.history.blame import line_origins
    from flowctl.views.text_diff import masked_lines

    check_within(environment, key)
    revisions = server.read_revisions(key)
    if not revisions or revisions[-1].deleted:
        raise no_flow(environment, key)
    rows = {row["revision"]: row for row in flow_rows(server.read_history(environment.namespace), revisions, key)}
    last = revisions[-1]
    shown = masked_lines(flow_content(last.digest, last.revision, last.source))
    origins = [rows[revision.revision] for revision, _ in line_origins(revisions)]
    if console.json:
        console.show(_json(key, list(zip(origins, shown, strict=True))))
        return
    heads = [_head(row) for row in origins]
    width = max((len(head) for head in heads), default=0)
    for head, line in zip(heads, shown, strict=True):
        console.show(f"{head:<{width}} | {line}")


def _json(key: FlowKey, lines: Sequence[tuple[Mapping[str, object], str]]) -> str:
    import json

    found = [{"line": number, "text": text, **row} for number, (row, text) in enumerate(lines, 1)]
    return json.dumps({"format": "1.0", "flow": str(key), "lines": found})


def _head(row: Mapping[str, object]) -> str:
    """`r3 serial 2 2026-01-01 ada@host 1a2b3c`, as much of it as is known."""
    date = str(row.get("at") or "")[:10]
    who = f"taken over by {row['by']}" if row["what"] == "adopt" else row.get("by") or row["what"]
    parts = [f"r{row['revision']}", f"serial {row['serial']}" if row.get("serial") else "", date, str(who)]
    return " ".join(part for part in [*parts, str(row.get("commit") or "")[:8]] if part)
