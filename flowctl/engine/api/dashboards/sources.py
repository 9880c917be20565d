"""Where the data of charts stands: per source its table, the column of its times, and each field as SQL.

All text here is fixed; nothing that a client sends becomes part of a query's text.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.engine.api.dashboards.vocabulary import FIELDS
from flowctl.engine.store.tables.logs import LEVELS

NUMBERS = frozenset({"FLOW_REVISION", "REVISION", "DURATION", "ATTEMPT_NUMBER", "VALUE"})
_LEVEL = "CASE level " + " ".join(f"WHEN {index} THEN '{name}'" for index, name in enumerate(LEVELS)) + " END"
_LABELS = "(SELECT json_group_object(key, value) FROM execution_labels WHERE execution_id = executions.id)"
LABEL = "(SELECT value FROM execution_labels WHERE execution_id = executions.id AND key = ?)"


@dataclass(frozen=True, slots=True)
class Source:
    """One source. `time` is its column of microseconds, None when its rows have no window; `fields` by name, SQL."""

    table: str
    base: str
    time: str | None
    fields: dict[str, str]


def _fields(source: str, **special: str) -> dict[str, str]:
    return {name: special.get(name, name.lower()) for name in FIELDS[source]}


SOURCES = {
    "Executions": Source(
        "executions",
        "shown = 1",
        "created_us",
        _fields(
            "Executions",
            FLOW_REVISION="revision",
            DURATION="((ended_us - created_us) / 1000000.0)",
            LABELS=_LABELS,
            START_DATE="created_us",
            END_DATE="ended_us",
            TRIGGER_EXECUTION_ID="parent_id",
        ),
    ),
    "Flows": Source("flows", "deleted = 0", None, _fields("Flows")),
    "Logs": Source("logs", "1", "at_us", _fields("Logs", DATE="at_us", ATTEMPT_NUMBER="attempt", LEVEL=f"({_LEVEL})")),
    "Metrics": Source("metrics", "1", "at_us", _fields("Metrics", DATE="at_us")),
    "Triggers": Source(
        "triggers",
        "1",
        None,
        _fields(
            "Triggers",
            ID="(namespace || '_' || flow_id || '_' || trigger_id)",
            NEXT_EXECUTION_DATE="(next_ms * 1000)",
            WORKER_ID="NULL",
        ),
    ),
}
