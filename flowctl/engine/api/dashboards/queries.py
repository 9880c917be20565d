"""The query of a chart: pure, from its checked body, a window and conditions to SQL."""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.engine.api.dashboards.sources import LABEL, SOURCES, Source
from flowctl.engine.api.dashboards.vocabulary import DATA_PREFIX, DATES
from flowctl.engine.api.dashboards.where import add_conditions, add_filters, add_labels
from flowctl.engine.api.dashboards.window import Window
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.listing.conditions import Where

MOST_ROWS = 10_000
_AGGREGATES = {"AVG": "avg", "COUNT": "count", "DURATION": "sum", "MAX": "max", "MIN": "min", "SUM": "sum"}


@dataclass(frozen=True, slots=True)
class Query:
    """SQL without its limit. `names` are the columns, `dates` those in microseconds, `labels` those of JSON."""

    text: str
    values: tuple[object, ...]
    names: tuple[str, ...]
    dates: frozenset[str]
    labels: frozenset[str]
    grouped: bool


def source_of(data: dict[str, object]) -> tuple[Source, bool]:
    """The source that a chart's data names, and whether it is a single value of it."""
    name = str(data["type"]).removeprefix(DATA_PREFIX)
    return SOURCES[name.removesuffix("KPI")], name.endswith("KPI")


def conditions(data: dict[str, object], body: dict[str, object], window: Window) -> Where:
    """What rows must be: in the window, as the chart says and as the request says.

    Raises:
        Problem: 422, a filter or value that cannot be.
    """
    source, _ = source_of(data)
    where = Where()
    where.add(source.base)
    if source.time:
        where.add(f"{source.time} >= ? AND {source.time} <= ?", window.start, window.end)
    if body.get("namespace"):
        add_filters(where, source, [{"field": "namespace", "operation": "PREFIX", "value": body["namespace"]}])
    add_labels(where, source, body.get("labels"))
    add_filters(where, source, body.get("filters"))
    add_conditions(where, source, data.get("where"))
    return where


def rows(data: dict[str, object], where: Where, window: Window) -> Query:
    """The query of rows: grouped by the columns without aggregation when there is one with it.

    Raises:
        Problem: 422, an order by a column that is not there.
    """
    source, _ = source_of(data)
    columns = data["columns"]
    assert isinstance(columns, dict)
    grouped = any(column.get("agg") for column in columns.values())
    parts, values = [], []
    for column in columns.values():
        text, before = _column(source, column, window if grouped else None)
        parts.append(text)
        values += before
    groups = [str(at) for at, column in enumerate(columns.values(), 1) if not column.get("agg")]
    text = f"SELECT {', '.join(parts)} FROM {source.table}{where.clause}"
    if grouped and groups:
        text += f" GROUP BY {', '.join(groups)}"
    order = _order(data.get("orderBy"), list(columns)) or (groups if grouped else [])
    if order or source.time:
        text += " ORDER BY " + (", ".join(order) or f"{source.time} DESC")
    dates = {str(name) for name, one in columns.items() if one.get("field") in DATES and one.get("agg") != "COUNT"}
    labels = {str(name) for name, one in columns.items() if _whole_labels(one)}
    names = tuple(map(str, columns))
    return Query(text, (*values, *where.values), names, frozenset(dates), frozenset(labels), grouped)


def _whole_labels(column: dict[str, object]) -> bool:
    return column.get("field") == "LABELS" and not column.get("agg") and not column.get("labelKey")


def _column(source: Source, column: dict[str, object], window: Window | None) -> tuple[str, list[object]]:
    field, aggregation = column.get("field"), column.get("agg")
    if field is None:
        return "count(*)", []
    text, values = source.fields[str(field)], []
    if field == "LABELS" and column.get("labelKey"):
        text, values = LABEL, [str(column["labelKey"])]
    if aggregation:
        return f"{_AGGREGATES[str(aggregation)]}({text})", [*values]
    return (window.step(text) if window and field in DATES else text), [*values]


def _order(order: object, names: list[str]) -> list[str]:
    found = []
    for item in order if isinstance(order, list) else ():
        name = item.get("column") if isinstance(item, dict) else None
        if name not in names:
            raise illegal_argument(f"orderBy: no column {name!r}; one of {', '.join(map(str, names))}")
        found.append(f"{names.index(name) + 1} {'DESC' if item.get('order') == 'DESC' else 'ASC'}")
    return found


def single(data: dict[str, object], where: Where) -> tuple[str, tuple[object, ...]]:
    """The query of a KPI's one value."""
    source, _ = source_of(data)
    columns = data["columns"]
    assert isinstance(columns, dict)
    column = columns if "field" in columns or "agg" in columns else next(iter(columns.values()))
    text, values = _column(source, column | {"agg": column.get("agg") or "COUNT"}, None)
    return f"SELECT {text} FROM {source.table}{where.clause}", (*values, *where.values)


def with_numerator(data: dict[str, object], where: Where) -> Where:
    """The conditions with those of a KPI's numerator."""
    found = Where([*where.parts], [*where.values])
    add_conditions(found, source_of(data)[0], data.get("numerator"))
    return found
