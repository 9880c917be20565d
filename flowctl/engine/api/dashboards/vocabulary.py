"""The words of a dashboard's text: types of charts, sources of data with their fields, aggregations, conditions."""

from __future__ import annotations

CHART_PREFIX = "io.kestra.plugin.core.dashboard.chart."
DATA_PREFIX = "io.kestra.plugin.core.dashboard.data."
CHARTS = ("Bar", "KPI", "Markdown", "Pie", "Table", "TimeSeries")
AGGREGATIONS = ("AVG", "COUNT", "DURATION", "MAX", "MIN", "SUM")
COMPARISONS = {
    "EQUAL_TO": "=",
    "NOT_EQUAL_TO": "<>",
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL_TO": ">=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL_TO": "<=",
}
CONDITIONS = (
    *COMPARISONS,
    *("CONTAINS", "ENDS_WITH", "STARTS_WITH", "REGEX", "IN", "NOT_IN"),
    *("IS_FALSE", "IS_TRUE", "IS_NULL", "IS_NOT_NULL", "OR"),
)
DATES = frozenset({"START_DATE", "END_DATE", "DATE", "NEXT_EXECUTION_DATE"})
FIELDS = {
    "Executions": (
        *("ID", "NAMESPACE", "FLOW_ID", "FLOW_REVISION", "STATE", "DURATION", "LABELS"),
        *("START_DATE", "END_DATE", "TRIGGER_EXECUTION_ID"),
    ),
    "Flows": ("ID", "NAMESPACE", "REVISION"),
    "Logs": (
        *("NAMESPACE", "FLOW_ID", "EXECUTION_ID", "TASK_ID", "DATE", "TASK_RUN_ID", "ATTEMPT_NUMBER"),
        *("TRIGGER_ID", "LEVEL", "MESSAGE"),
    ),
    "Metrics": ("NAMESPACE", "FLOW_ID", "TASK_ID", "EXECUTION_ID", "TASK_RUN_ID", "TYPE", "NAME", "VALUE", "DATE"),
    "Triggers": ("ID", "NAMESPACE", "FLOW_ID", "TRIGGER_ID", "EXECUTION_ID", "NEXT_EXECUTION_DATE", "WORKER_ID"),
}
