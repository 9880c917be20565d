"""`GET /api/v1/flowctl/metrics`: what the server measures, in Prometheus' text format."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.engine.api.context import Context
from flowctl.engine.api.http.endpoint import Endpoint, Scope, reads
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.observing import Histogram
from flowctl.engine.store.tables import blobs

if TYPE_CHECKING:
    from prometheus_client import Metric

_STATES = "SELECT state, sum(number) FROM execution_counts WHERE shown = 1 GROUP BY state"
_STEPS = "SELECT kind, count(*) FROM steps WHERE kind = 'RUN' OR due_us < 4611686018427387904 GROUP BY kind"


async def metrics(request: ApiRequest) -> Response:
    """All metrics."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(request.context))
    text = await asyncio.to_thread(generate_latest, registry)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Collector:
    """Reads everything anew at each request."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        yield from self._requests()
        yield from self._store()
        yield from self._executions()

    def _requests(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily

        counters = self._context.counters
        yield CounterMetricFamily("flowctl_http_requests", "Requests since the start", counters.requests)
        yield CounterMetricFamily("flowctl_http_refused", "Requests answered with an error", counters.refused)
        yield CounterMetricFamily("flowctl_http_failed", "Requests answered with a server error", counters.failed)

    def _store(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        read = self._context.store.read
        flows = read(lambda c: c.execute("SELECT count(*) FROM flows WHERE deleted = 0").fetchone()[0])
        yield GaugeMetricFamily("flowctl_flows", "Flows that are not deleted", flows)
        states = GaugeMetricFamily("flowctl_executions", "Executions by state", labels=["state"])
        for state, number in read(lambda c: c.execute(_STATES).fetchall()):
            states.add_metric([state], number)
        yield states
        depth = GaugeMetricFamily("flowctl_queue_depth", "Steps that are to be done, by kind", labels=["kind"])
        found = dict(read(_steps))
        for kind in ("ADVANCE", "RUN"):
            depth.add_metric([kind.lower()], found.get(kind, 0))
        yield depth
        contents = GaugeMetricFamily("flowctl_file_bytes", "Bytes of namespace files, all revisions", labels=["state"])
        for state, size in read(blobs.sizes).items():
            contents.add_metric([state], size)
        yield contents
        yield _histogram("flowctl_store_commit_seconds", "Time of a group commit", self._context.store.commits)

    def _executions(self) -> Iterator[Metric]:
        from prometheus_client.core import HistogramMetricFamily

        from flowctl.engine.api.runtime import PART
        from flowctl.engine.executor.executor import Executor

        executor = self._context.parts.get(PART)
        if not isinstance(executor, Executor):
            return
        seen = executor.services.seen
        yield _histogram("flowctl_schedule_lag_seconds", "How late schedules fire", seen.schedule_lag)
        tasks = HistogramMetricFamily("flowctl_task_seconds", "Durations of ended task runs", labels=["type"])
        for name, histogram in sorted(seen.tasks.items()):
            found = histogram.read()
            tasks.add_metric([name], list(zip(found.bounds, found.counts, strict=True)), found.total)
        yield tasks


def _steps(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    return connection.execute(_STEPS).fetchall()


def _histogram(name: str, told: str, histogram: Histogram) -> Metric:
    from prometheus_client.core import HistogramMetricFamily

    found = histogram.read()
    return HistogramMetricFamily(name, told, list(zip(found.bounds, found.counts, strict=True)), found.total)


ENDPOINTS: tuple[Endpoint, ...] = (reads("GET", "/flowctl/metrics", metrics, scope=Scope.BOTH),)
