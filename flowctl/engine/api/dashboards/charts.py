"""Data of charts, as JSON pages and as CSV. A chart that takes too long is given up."""

from __future__ import annotations

import csv
import io
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.responses import Response

from flowctl.engine.api.dashboards import queries
from flowctl.engine.api.dashboards.definition import Body, sound_chart
from flowctl.engine.api.dashboards.single import found
from flowctl.engine.api.dashboards.window import window_of
from flowctl.engine.api.http.attachments import attachment
from flowctl.engine.api.http.endpoint import LEGACY, MODERN, Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.conditions import Where
from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.store.jsontext import dump, load

LONGEST_SECONDS = 10.0
_STEPS = 20_000  # instructions of SQLite between two looks at the clock
Rows = list[dict[str, Any]]  # a column's values are texts, numbers, null or labels


async def _of_dashboard(request: ApiRequest) -> tuple[Rows, int]:
    dashboard = load((await found(request)).body)
    assert isinstance(dashboard, dict)
    wanted = request.params["chart"]
    chart = next((one for one in dashboard.get("charts") or () if one["id"] == wanted), None)
    if chart is None:
        raise not_found(f"Chart '{wanted}' not found in dashboard '{request.params['id']}'")
    return await _data(request, chart, await _filters(request), dashboard.get("timeWindow"))


async def _filters(request: ApiRequest) -> Body:
    if not await request.bytes_up_to(request.context.limits.json_bytes):
        return {}
    return _mapping(await request.json())


def _mapping(value: object) -> Body:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise illegal_argument("send {startDate, endDate, pageSize, pageNumber, namespace, labels, filters}")
    return value


async def _previewed(request: ApiRequest) -> tuple[Rows, int]:
    body = await request.json()
    if not isinstance(body, dict) or not isinstance(body.get("chart"), str):
        raise illegal_argument("send {chart: the chart's YAML, globalFilter: {…}}")
    return await _data(request, sound_chart(body["chart"]), _mapping(body.get("globalFilter")), None)


async def _data(request: ApiRequest, chart: Body, body: Body, limits: object) -> tuple[Rows, int]:
    data = chart.get("data")
    if not isinstance(data, dict) or "columns" not in data:
        raise illegal_argument(f"the chart {chart['id']!r} has no data: only charts with columns do")
    window = window_of(body.get("startDate"), body.get("endDate"), limits, request.context.store.now_ms * 1000)
    where = queries.conditions(data, body, window)
    if queries.source_of(data)[1] or str(chart["type"]).endswith("KPI"):
        return await request.context.store.aread(_bounded(lambda connection: _single(connection, chart, data, where)))
    query, page, size = queries.rows(data, where, window), _number(body, "pageNumber", 1), _number(body, "pageSize", 0)
    size = min(size or queries.MOST_ROWS, queries.MOST_ROWS)
    return await request.context.store.aread(_bounded(lambda connection: _page(connection, query, page, size)))


def _number(body: Body, name: str, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1_000_000:
        raise illegal_argument(f"{name} must be a whole number from 1 to 1000000, found {value!r}")
    return value


def _bounded(read: Callable[[sqlite3.Connection], tuple[Rows, int]]) -> Callable[..., tuple[Rows, int]]:
    def bounded(connection: sqlite3.Connection) -> tuple[Rows, int]:
        with _deadline(connection):
            return read(connection)

    return bounded


@contextmanager
def _deadline(connection: sqlite3.Connection) -> Iterator[None]:
    end = time.monotonic() + LONGEST_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        raise illegal_argument(
            f"the chart's data took longer than {LONGEST_SECONDS:g} s; ask for a shorter window or for one namespace"
        ) from None
    finally:
        connection.set_progress_handler(None, 0)


def _single(connection: sqlite3.Connection, chart: Body, data: Body, where: Where) -> tuple[Rows, int]:
    """A KPI: its value, or the part of all in percent that the numerator's conditions leave."""
    (value,) = connection.execute(*queries.single(data, queries.with_numerator(data, where))).fetchone()
    options = chart.get("chartOptions")
    if isinstance(options, dict) and options.get("numberType") == "PERCENTAGE":
        (whole,) = connection.execute(*queries.single(data, where)).fetchone()
        value = 100.0 * (value or 0) / whole if whole else 0.0
    return [{"value": value}], 1


def _page(connection: sqlite3.Connection, query: queries.Query, page: int, size: int) -> tuple[Rows, int]:
    """Groups are made once, of which at most `MOST_ROWS` count; of plain rows a page is read."""
    start = (page - 1) * size
    if query.grouped:
        every = connection.execute(f"{query.text} LIMIT {queries.MOST_ROWS}", query.values).fetchall()
        return [_row(query, row) for row in every[start : start + size]], len(every)
    read = connection.execute(f"{query.text} LIMIT ? OFFSET ?", (*query.values, size, start)).fetchall()
    (total,) = connection.execute(f"SELECT count(*) FROM ({query.text})", query.values).fetchone()
    return [_row(query, row) for row in read], total


def _row(query: queries.Query, row: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(zip(query.names, row, strict=True))
    for name in query.names:
        if name in query.dates and found[name] is not None:
            found[name] = iso_time(int(found[name]))
        elif name in query.labels:
            found[name] = load(found[name] or "{}")
    return found


def _json(rows: Rows, total: int) -> Response:
    return json_response({"results": rows, "total": total})


def _csv(request: ApiRequest, rows: Rows) -> Response:
    """The rows as CSV with a line of names. Secrets are hidden before anything is quoted."""
    if (request.query_params.get("format") or "CSV").upper() != "CSV":
        raise illegal_argument(f"format must be CSV, found {request.query_params['format']!r}")
    conceal, text = request.context.conceal, io.StringIO()
    shown = load(conceal(dump(rows))) if conceal else rows
    assert isinstance(shown, list)
    if shown:
        writer = csv.writer(text)
        writer.writerow(shown[0])
        writer.writerows([dump(v).decode() if isinstance(v, dict) else v for v in row.values()] for row in shown)
    return Response(text.getvalue().encode(), 200, attachment("chart.csv"), media_type="application/octet-stream")


async def data(request: ApiRequest) -> Response:
    """`POST /dashboards/{id}/charts/{chartId}`: a page of rows; 404 without dashboard or chart."""
    return _json(*await _of_dashboard(request))


async def export(request: ApiRequest) -> Response:
    """`POST /dashboards/{id}/charts/{chartId}/export`: the same as CSV."""
    return _csv(request, (await _of_dashboard(request))[0])


async def preview(request: ApiRequest) -> Response:
    """`POST /dashboards/charts/preview` with a chart's text: a page of its rows."""
    return _json(*await _previewed(request))


async def export_preview(request: ApiRequest) -> Response:
    """`POST /dashboards/charts/export` with a chart's text: the same as CSV."""
    return _csv(request, (await _previewed(request))[0])


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("POST", "/dashboards/{id}/charts/{chart}", data),
    reads("POST", "/dashboards/{id}/charts/{chart}/export", export, dialects=MODERN),
    reads("POST", "/dashboards/{id}/charts/{chart}/export/to-csv", export, dialects=LEGACY),
    reads("POST", "/dashboards/charts/preview", preview),
    reads("POST", "/dashboards/charts/export", export_preview, dialects=MODERN),
    reads("POST", "/dashboards/charts/export/to-csv", export_preview, dialects=LEGACY),
)
