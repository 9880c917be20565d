"""A dashboard's or a chart's YAML text, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowctl.engine.api.dashboards.vocabulary import (
    AGGREGATIONS,
    CHART_PREFIX,
    CHARTS,
    CONDITIONS,
    DATA_PREFIX,
    DATES,
    FIELDS,
)
from flowctl.engine.api.http.problems import ErrorItem, invalid_entity
from flowctl.engine.executor.records.durations import micros
from flowctl.flowtext.document import parse
from flowctl.flowtext.problems import YamlProblem

MOST_CHARTS = 200
MOST_PARTS = 100
_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}")
Body = dict[str, object]


def read(text: str) -> tuple[Body, list[ErrorItem]]:
    """The mapping of a text, and what stands against reading it: not YAML, or no mapping."""
    try:
        value = parse(text).value
    except YamlProblem as problem:
        return {}, [ErrorItem(f"Invalid YAML at line {problem.line}, column {problem.column}: {problem.message}")]
    if not isinstance(value, dict):
        return {}, [ErrorItem("the text must be a mapping with id, title and charts")]
    return value, []


def sound_dashboard(text: str) -> Body:
    """The body of a dashboard's text.

    Raises:
        Problem: 422, with every fault and its place.
    """
    body, found = read(text)
    return _sound(body, found or list(dashboard_faults(body)))


def sound_chart(text: str) -> Body:
    """The body of a chart's text.

    Raises:
        Problem: 422, with every fault and its place.
    """
    body, found = read(text)
    return _sound(body, found or list(chart_faults(body)))


def _sound(body: Body, found: list[ErrorItem]) -> Body:
    if found:
        raise invalid_entity(found)
    return body


def dashboard_faults(body: Body) -> Iterator[ErrorItem]:
    """What stands against a dashboard; a missing id is none, one is made up when it is saved."""
    if "id" in body:
        yield from _id_faults(body, "id")
    if not isinstance(body.get("title"), str) or not body["title"]:
        yield ErrorItem("must not be blank", "title")
    yield from _window_faults(body.get("timeWindow"))
    charts = body.get("charts") or []
    if not isinstance(charts, list) or len(charts) > MOST_CHARTS:
        yield ErrorItem(f"must be a list of at most {MOST_CHARTS} charts", "charts")
        return
    seen: set[object] = set()
    for index, chart in enumerate(charts):
        yield from chart_faults(chart, f"charts[{index}].")
        id_ = chart.get("id") if isinstance(chart, dict) else None
        if isinstance(id_, str) and id_ in seen:
            yield ErrorItem(f"Duplicate chart id: {id_}", f"charts[{index}].id")
        seen.add(id_ if isinstance(id_, str) else None)


def _id_faults(body: Body, place: str) -> Iterator[ErrorItem]:
    if not isinstance(body.get("id"), str) or not _ID.fullmatch(str(body["id"])):
        yield ErrorItem(f"must be text that matches {_ID.pattern}", place)


def _window_faults(window: object) -> Iterator[ErrorItem]:
    if window is None:
        return
    if not isinstance(window, dict):
        yield ErrorItem("must be a mapping with default and max", "timeWindow")
        return
    for name in ("default", "max"):
        if name in window and _micros(window[name]) is None:
            yield ErrorItem(f"must be a duration such as P30D, found {window[name]!r}", f"timeWindow.{name}")


def _micros(text: object) -> int | None:
    try:
        return micros(str(text))
    except ValueError:
        return None


def chart_faults(chart: object, prefix: str = "") -> Iterator[ErrorItem]:
    """What stands against a chart. `prefix` starts the places, with its dot."""
    if not isinstance(chart, dict):
        yield ErrorItem("must be a mapping with id and type", prefix.rstrip("."))
        return
    yield from _id_faults(chart, f"{prefix}id")
    kind = chart.get("type")
    if not isinstance(kind, str) or kind.removeprefix(CHART_PREFIX) not in CHARTS:
        known = ", ".join(CHART_PREFIX + name for name in CHARTS)
        yield ErrorItem(f"Invalid type: {kind}; one of {known}", f"{prefix}type")
    elif kind.removeprefix(CHART_PREFIX) != "Markdown":
        yield from _data_faults(chart.get("data"), f"{prefix}data", single=kind.endswith("KPI"))


def _data_faults(data: object, place: str, *, single: bool) -> Iterator[ErrorItem]:
    if not isinstance(data, dict):
        yield ErrorItem("must not be null", place)
        return
    source = str(data.get("type")).removeprefix(DATA_PREFIX).removesuffix("KPI")
    if source not in FIELDS:
        known = ", ".join(DATA_PREFIX + name for name in FIELDS)
        yield ErrorItem(f"Invalid type: {data.get('type')}; one of {known}, and these with KPI", f"{place}.type")
        return
    columns = data.get("columns")
    if not isinstance(columns, dict) or not 0 < len(columns) <= MOST_PARTS:
        yield ErrorItem(f"must not be empty, and have at most {MOST_PARTS} columns", f"{place}.columns")
        return
    single = single or str(data.get("type")).endswith("KPI")
    named = {"": columns} if single and ("field" in columns or "agg" in columns) else columns
    for name, column in named.items():
        yield from _column_faults(column, source, f"{place}.columns.{name}".rstrip("."))
    for part in ("where", "numerator"):
        yield from _condition_faults(data.get(part), source, f"{place}.{part}")


def _column_faults(column: object, source: str, place: str) -> Iterator[ErrorItem]:
    if not isinstance(column, dict):
        yield ErrorItem("must be a mapping with field or agg", place)
        return
    field, aggregation = column.get("field"), column.get("agg")
    if field not in FIELDS[source] and not (field is None and aggregation == "COUNT"):
        yield ErrorItem(f"no field {field!r}; one of {', '.join(FIELDS[source])}", f"{place}.field")
    if aggregation is not None and aggregation not in AGGREGATIONS:
        yield ErrorItem(f"no aggregation {aggregation!r}; one of {', '.join(AGGREGATIONS)}", f"{place}.agg")
    if field == "LABELS" and aggregation not in (None, "COUNT"):
        yield ErrorItem("labels can only be counted", f"{place}.agg")
    if field in DATES and aggregation in ("AVG", "DURATION", "SUM"):
        yield ErrorItem(f"a date has no {aggregation}; one of COUNT, MAX, MIN", f"{place}.agg")


def _condition_faults(conditions: object, source: str, place: str) -> Iterator[ErrorItem]:
    if conditions is None:
        return
    if not isinstance(conditions, list) or len(conditions) > MOST_PARTS:
        yield ErrorItem(f"must be a list of at most {MOST_PARTS} conditions", place)
        return
    for index, item in enumerate(conditions):
        here = f"{place}[{index}]"
        kind = item.get("type") if isinstance(item, dict) else None
        if not isinstance(item, dict) or kind not in CONDITIONS:
            yield ErrorItem(f"no condition {kind!r}; type is one of {', '.join(CONDITIONS)}", here)
        elif kind == "OR":
            yield from _condition_faults(item.get("values"), source, f"{here}.values")
        elif item.get("field") not in FIELDS[source]:
            yield ErrorItem(f"no field {item.get('field')!r}; one of {', '.join(FIELDS[source])}", f"{here}.field")
