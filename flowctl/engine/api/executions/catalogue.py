"""What can be run, and what has run, at a glance: flows and namespaces to start, values in use, durations, CSV."""

from __future__ import annotations

import csv
import io
import re
import sqlite3

from starlette.responses import Response

from flowctl.engine.api.executions.search import TEXTS, selection_of
from flowctl.engine.api.executions.views import reduced_flow
from flowctl.engine.api.http.attachments import attachment
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import executor_of
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.store.tables.execution_rows import COLUMNS, execution_of

MOST_ROWS = 100_000
RECENT = 100
CSV_COLUMNS = ("id", "namespace", "flowId", "flowRevision", "state", "startDate", "endDate")


async def flow(request: ApiRequest) -> Response:
    """`GET /executions/flows/{namespace}/{id}?revision=`: the flow with its tasks reduced to what shows their order."""
    text = request.query_params.get("revision")
    if text is not None and not text.isdecimal():
        raise illegal_argument(f"revision must be a number, found {text!r}")
    return json_response(_reduced(request, request.params["namespace"], request.params["id"], int(text or 0)))


def _reduced(request: ApiRequest, namespace: str, id_: str, revision: int = 0) -> dict[str, object]:
    from flowctl.engine.executor.records.flowsource import UnknownFlow

    flows = executor_of(request.context).services.flows
    try:
        found = flows.revision(namespace, id_, revision) if revision else flows.latest(namespace, id_)
    except UnknownFlow as error:
        raise not_found(str(error)) from None
    definition = found.definition
    return reduced_flow(definition.value, definition.revision, request.context.dialect.name != "1.3")


async def namespaces(request: ApiRequest) -> Response:
    """`GET /executions/namespaces`: the names of those that hold flows that can be started."""
    rows = await request.context.store.aread(
        lambda connection: connection.execute(
            "SELECT DISTINCT namespace FROM flows WHERE NOT deleted AND NOT disabled ORDER BY namespace"
        ).fetchall()
    )
    return json_response([name for (name,) in rows])


async def flows_of_namespace(request: ApiRequest) -> Response:
    """`GET /executions/namespaces/{namespace}/flows`: its flows that can be started, reduced."""
    namespace = request.params["namespace"]
    rows = await request.context.store.aread(
        lambda connection: connection.execute(
            "SELECT id FROM flows WHERE namespace = ? AND NOT deleted AND NOT disabled ORDER BY id", (namespace,)
        ).fetchall()
    )
    return json_response([_reduced(request, namespace, id_) for (id_,) in rows])


async def distinct_values(request: ApiRequest) -> Response:
    """`GET /executions/distinct-field-values?field=&size=`: the values that a field has, in order.

    `field` is one of the texts that executions can be filtered by, as `flowId` or as `FLOW_ID`: clients of the 2.0
    release send the name of its constant.
    """
    asked, size = request.required("field"), request.query_params.get("size", "100")
    field = next((name for name in TEXTS if asked in (name, _constant(name))), None)
    if field is None:
        raise illegal_argument(f"field must be one of {', '.join(TEXTS)}, found {asked!r}")
    if not size.isdecimal():
        raise illegal_argument(f"size must be a number, found {size!r}")
    where, column = selection_of(request).where, TEXTS[field]
    where.add(f"{column} IS NOT NULL")
    query = f"SELECT DISTINCT {column} FROM executions{where.clause} ORDER BY 1 LIMIT ?"
    values = (*where.values, min(int(size), MOST_ROWS))
    rows = await request.context.store.aread(lambda connection: connection.execute(query, values).fetchall())
    return json_response([value for (value,) in rows])


def _constant(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).upper()


async def export_csv(request: ApiRequest) -> Response:
    """`GET /executions/export/by-query/csv`: the executions that the filters mean, newest first."""
    where = selection_of(request).where
    query = f"SELECT {COLUMNS} FROM executions{where.clause} ORDER BY created_us DESC LIMIT {MOST_ROWS}"

    def read(connection: sqlite3.Connection) -> list[Execution]:
        return [execution_of(connection, row) for row in connection.execute(query, where.values)]

    rows = await request.context.store.aread(read)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for found in rows:
        began, ended = found.history[0][1], found.history[-1][1] if found.terminal else None
        times = iso_time(began), "" if ended is None else iso_time(ended)
        writer.writerow((found.id, found.namespace, found.flow_id, found.revision, found.state, *times))
    return Response(out.getvalue(), media_type="text/csv", headers=attachment("executions.csv"))


async def average_duration(request: ApiRequest) -> Response:
    """`GET /executions/namespaces/{namespace}/flows/{id}/average-duration`: of the flow's last hundred that ended.

    Answers `{duration, count}`, the duration in seconds; null when none has ended.
    """
    key = request.params["namespace"], request.params["id"]
    query = (
        "SELECT avg(length), count(*) FROM (SELECT ended_us - created_us AS length FROM executions WHERE namespace = ? "
        "AND flow_id = ? AND shown = 1 AND ended_us IS NOT NULL ORDER BY created_us DESC LIMIT ?)"
    )
    mean, count = await request.context.store.aread(lambda c: c.execute(query, (*key, RECENT)).fetchone())
    return json_response({"duration": None if mean is None else round(mean / 1_000_000, 6), "count": count})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/executions/flows/{namespace}/{id}", flow),
    reads("GET", "/executions/namespaces", namespaces),
    reads("GET", "/executions/namespaces/{namespace}/flows", flows_of_namespace),
    reads("GET", "/executions/namespaces/{namespace}/flows/{id}/average-duration", average_duration),
    reads("GET", "/executions/distinct-field-values", distinct_values),
    reads("GET", "/executions/export/by-query/csv", export_csv),
)
