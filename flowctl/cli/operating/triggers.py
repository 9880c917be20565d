"""Triggers as they are listed, and one of them after something was done to it."""

from __future__ import annotations

from flowctl.cli.console import Console
from flowctl.cli.operating.calls import Calls
from flowctl.cli.operating.rows import TRIGGER_COLUMNS, trigger_row
from flowctl.cli.operating.tables import show_rows
from flowctl.model.keys import FlowKey

MOST = 10_000


def trigger_rows(calls: Calls, flow: FlowKey | None = None) -> list[dict[str, object]]:
    """All triggers of one flow, or of the environment's namespaces, sorted."""
    query = [("sort", "triggerId:asc")]
    if flow is not None:
        query += [("filters[namespace][EQUALS]", flow.namespace), ("filters[flowId][EQUALS]", flow.id)]
    else:
        query.append(("filters[namespace][PREFIX]", calls.environment.namespace))
    rows = [trigger_row(row) for row in calls.rows("/triggers/search", query, MOST)]
    return sorted(rows, key=lambda row: (str(row["flow"]), str(row["trigger"])))


def say_done(console: Console, calls: Calls, flow: FlowKey, trigger_id: str, text: str) -> None:
    """Say what was done to a trigger; with `--json` show the trigger as it is listed now."""
    if console.json:
        rows = [row for row in trigger_rows(calls, flow) if row["trigger"] == trigger_id]
        show_rows(console, "triggers", rows, TRIGGER_COLUMNS)
    else:
        console.say(text)
