"""Conditions of a chart and filters of a request as conditions of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowctl.engine.api.dashboards.sources import LABEL, NUMBERS, Source
from flowctl.engine.api.dashboards.vocabulary import COMPARISONS, DATES
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.listing.conditions import Where, milliseconds, safe_pattern
from flowctl.engine.executor.records.durations import micros

FILTER_FIELDS = {
    **{name: name.upper() for name in ("id", "namespace", "state", "labels", "level", "type", "name")},
    "flowId": "FLOW_ID",
    "flowRevision": "FLOW_REVISION",
    "triggerExecutionId": "TRIGGER_EXECUTION_ID",
    "triggerId": "TRIGGER_ID",
    "executionId": "EXECUTION_ID",
    "taskId": "TASK_ID",
    "taskRunId": "TASK_RUN_ID",
}
FILTER_TYPES = {"EQUALS": "EQUAL_TO", "NOT_EQUALS": "NOT_EQUAL_TO"}
MOST = 100


def add_conditions(where: Where, source: Source, conditions: object) -> None:
    """A chart's checked `where` or `numerator`: all must hold."""
    for item in conditions if isinstance(conditions, list) else ():
        if item["type"] != "OR":
            _add(where, source, item)
            continue
        inner = Where()
        add_conditions(inner, source, item.get("values"))
        where.add(" OR ".join(f"({part})" for part in inner.parts) or "0", *inner.values)


def add_filters(where: Where, source: Source, filters: object) -> None:
    """A request's `filters`, `{field, operation, value}` each; those about fields that the source lacks say nothing.

    Raises:
        Problem: 422, another shape, field or operation, or too many.
    """
    if filters is None:
        return
    if not isinstance(filters, list) or len(filters) > MOST:
        raise illegal_argument(f"filters must be a list of at most {MOST}")
    for item in filters:
        if not isinstance(item, dict) or str(item.get("field")) not in FILTER_FIELDS:
            raise illegal_argument(f"a filter has field, operation and value; field is one of {_known()}")
        field = FILTER_FIELDS[str(item["field"])]
        if field not in source.fields:
            continue
        kind = str(item.get("operation") or "EQUALS")
        kind, value = FILTER_TYPES.get(kind, kind), item.get("value")
        found = {"field": field, "type": kind, "value": value}
        if field == "LABELS":
            add_labels(where, source, value, kind)
        elif isinstance(value, list) and kind in ("EQUAL_TO", "NOT_EQUAL_TO"):
            _add(where, source, found | {"type": "IN" if kind == "EQUAL_TO" else "NOT_IN"})
        else:
            _add(where, source, found)


def add_labels(where: Where, source: Source, labels: object, kind: str = "EQUAL_TO") -> None:
    """Labels that an execution must have, by key; other sources have none.

    Raises:
        Problem: 422, no mapping.
    """
    if labels is None or "LABELS" not in source.fields:
        return
    if not isinstance(labels, Mapping) or len(labels) > MOST:
        raise illegal_argument(f"labels must be a mapping of at most {MOST} keys to values")
    for key, value in labels.items():
        _add(where, source, {"field": "LABELS", "labelKey": key, "type": kind, "value": value})


def _known() -> str:
    return ", ".join(sorted(FILTER_FIELDS))


def _add(where: Where, source: Source, item: Mapping[str, object]) -> None:
    field, kind, value = str(item["field"]), str(item["type"]), item.get("value")
    key = item.get("labelKey") or item.get("key") if field == "LABELS" else None
    column, before = (LABEL, [str(key)]) if key else (source.fields[field], [])
    if kind in ("IS_NULL", "IS_NOT_NULL"):
        where.add(f"{column} IS {'NOT ' if kind == 'IS_NOT_NULL' else ''}NULL", *before)
    elif kind in ("IS_TRUE", "IS_FALSE"):
        where.add(f"lower({column}) = ?", *before, kind[3:].lower())
    elif kind in ("IN", "NOT_IN"):
        values = _listed(item)
        marks = ", ".join("?" for _ in values)
        where.add(f"{column} {kind.replace('_', ' ')} ({marks})", *before, *(_value(field, one) for one in values))
    elif kind in COMPARISONS:
        where.add(f"{column} {COMPARISONS[kind]} ?", *before, _value(field, value))
    else:
        _add_text(where, column, before, kind, str(value))


def _add_text(where: Where, column: str, before: Iterable[object], kind: str, value: str) -> None:
    if kind == "CONTAINS":
        where.add(f"instr(lower({column}), lower(?)) > 0", *before, value)
    elif kind == "STARTS_WITH":
        where.add(f"substr({column}, 1, {len(value)}) = ?", *before, value)
    elif kind == "ENDS_WITH":
        where.add(f"substr({column}, -{max(len(value), 1)}) = ?", *before, value)
    elif kind == "PREFIX":
        where.add(f"(substr({column}, 1, {len(value) + 1}) IN (?, ? || '.'))", *before, value, value)
    elif kind == "REGEX":  # safe patterns are so for texts of 150 characters
        where.add(f"substr({column}, 1, 150) REGEXP ?", *before, safe_pattern(value))
    else:
        raise illegal_argument(f"no operation {kind!r} for charts")


def _listed(item: Mapping[str, object]) -> list[object]:
    values = item.get("values", item.get("value"))
    listed: list[object] = values if isinstance(values, list) else [*str(values).split(",")]
    if not 0 < len(listed) <= MOST:
        raise illegal_argument(f"{item['field']}: IN and NOT_IN have one to {MOST} values")
    return listed


def _value(field: str, value: object) -> object:
    if field in DATES:
        return milliseconds(str(value)) * 1000
    if field not in NUMBERS:
        return str(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    try:
        return micros(str(value)) / 1_000_000 if field == "DURATION" else float(str(value))
    except ValueError:
        raise illegal_argument(f"{field} is a number, found {value!r}") from None
