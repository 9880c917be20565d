"""Metrics of task runs: those of one execution, the names a flow has used, and one value a day."""

from __future__ import annotations

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.conditions import Where, milliseconds
from flowctl.engine.api.listing.paging import fetch, page_of
from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.store.jsontext import load

COLUMNS = "execution_id, namespace, flow_id, task_id, task_run_id, name, type, value, tags, at_us"
AGGREGATES = {"sum": "sum(value)", "avg": "avg(value)", "min": "min(value)", "max": "max(value)"}


async def of_execution(request: ApiRequest) -> Response:
    """`GET /metrics/{executionId}`: paged."""
    where = Where()
    where.add("execution_id = ?", request.params["execution"])
    for name, column in (("taskRunId", "task_run_id"), ("taskId", "task_id")):
        value = request.query_params.get(name)
        if value:
            where.add(f"{column} = ?", value)
    page = page_of(request)
    order = page.order({"timestamp": "at_us", "name": "name", "value": "value"}, "id")
    found = request.context.store.read(
        lambda connection: fetch(connection, COLUMNS, "metrics" + where.clause, where.values, order, page)
    )
    return json_response({"results": [_metric(row) for row in found.rows], "total": found.total})


def _metric(row: tuple[object, ...]) -> dict[str, object]:
    execution, namespace, flow, task, run, name, kind, value, tags, at = row
    assert isinstance(at, int)
    return {
        "executionId": execution,
        "namespace": namespace,
        "flowId": flow,
        "taskId": task,
        "taskRunId": run,
        "name": name,
        "type": kind,
        "value": value,
        "tags": load(str(tags)),
        "timestamp": iso_time(at),
    }


async def names(request: ApiRequest) -> Response:
    """`GET /metrics/names/{ns}/{flowId}[/{taskId}]`."""
    return json_response(_distinct(request, "name"))


async def tasks(request: ApiRequest) -> Response:
    """`GET /metrics/tasks/{ns}/{flowId}`: the tasks that have metrics."""
    return json_response(_distinct(request, "task_id"))


def _of_flow(request: ApiRequest) -> Where:
    where = Where()
    where.add("namespace = ? AND flow_id = ?", request.params["namespace"], request.params["id"])
    if "task" in request.params:
        where.add("task_id = ?", request.params["task"])
    return where


def _distinct(request: ApiRequest, column: str) -> list[str]:
    where = _of_flow(request)
    query = f"SELECT DISTINCT {column} FROM metrics{where.clause} ORDER BY {column}"
    return request.context.store.read(lambda c: [row[0] for row in c.execute(query, where.values)])


async def aggregates(request: ApiRequest) -> Response:
    """`GET /metrics/aggregates/{ns}/{flowId}[/{taskId}]/{metric}`: one value a day."""
    where = _of_flow(request)
    where.add("name = ?", request.params["metric"])
    for name, op in (("startDate", ">="), ("endDate", "<=")):
        text = request.query_params.get(name)
        if text:
            where.add(f"at_us {op} ?", milliseconds(text) * 1000)
    aggregate = AGGREGATES.get((request.query_params.get("aggregation") or "sum").lower())
    if aggregate is None:
        raise illegal_argument(f"aggregation must be one of {', '.join(AGGREGATES)}")
    query = f"SELECT at_us / 86400000000 AS day, {aggregate} FROM metrics{where.clause} GROUP BY day ORDER BY day"
    rows = request.context.store.read(lambda c: c.execute(query, where.values).fetchall())
    days = [{"name": request.params["metric"], "value": v, "date": iso_time(day * 86_400_000_000)} for day, v in rows]
    return json_response({"groupBy": "day", "aggregations": days})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/metrics/{execution}", of_execution),
    reads("GET", "/metrics/names/{namespace}/{id}", names),
    reads("GET", "/metrics/names/{namespace}/{id}/{task}", names),
    reads("GET", "/metrics/tasks/{namespace}/{id}", tasks),
    reads("GET", "/metrics/aggregates/{namespace}/{id}/{metric}", aggregates),
    reads("GET", "/metrics/aggregates/{namespace}/{id}/{task}/{metric}", aggregates),
)
