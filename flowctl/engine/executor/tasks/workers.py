"""Workers: threads that call tasks outside of any transaction, under the lease of this process.

The lease is the store's: only one process has a store open, and it takes over every RUN step of the one before it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.durations import clock_text
from flowctl.engine.executor.records.states import FAILED, KILLED
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.tasks.filelines import FileLines
from flowctl.engine.executor.tasks.joblines import JobLines
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.executor.tasks.loglines import LogWriter
from flowctl.engine.executor.tasks.outcomes import Outcome
from flowctl.engine.executor.tasks.run_context import Stop, TaskContext, TaskFiles, passes
from flowctl.engine.executor.tasks.running import call
from flowctl.engine.executor.tasks.taskcache import cache_of, cached, wants_cache
from flowctl.engine.plugins.properties import BadProperty
from flowctl.engine.store import StoreError
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables import steps
from flowctl.engine.store.tables.logs import LogLine, Metric
from flowctl.language.flags import is_on

LOG = logging.getLogger("flowctl.executor")
THREADS = 128
RETRY_SECONDS = 1.0
"""How long to wait before the end of a job is recorded again when the store could not take it."""


@dataclass(slots=True)
class Report:
    """What is to be recorded of a job's end. `lines` are those that an earlier try took from `printed`."""

    job: Job
    printed: JobLines | FileLines
    outcome: Outcome = field(default_factory=lambda: Outcome(KILLED))
    lines: list[LogLine] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)

    def give_up(self) -> None:
        """Leave everything out that the store may have stumbled over: the task failed."""
        self.outcome = Outcome(FAILED, log_file=self.outcome.log_file)
        self.lines, self.metrics = [], []


def writes_files(node: Node) -> bool:
    """Whether a task has to be done outside of a transaction for what surrounds its work, whatever the work is."""
    return wants_cache(node.properties) or is_on(node.properties.get("logToFile"))


class Workers:
    """Runs jobs. `done` is called with an execution's id when the end of one of its jobs is on disk."""

    def __init__(self, services: Services, owner: str, logs: LogWriter, done: Callable[[str], None]) -> None:
        self._services, self._owner, self._logs, self._done = services, owner, logs, done
        self._pool = ThreadPoolExecutor(THREADS, "flowctl-task")
        self._stops: dict[str, Stop] = {}
        self._executions: dict[str, str] = {}
        self._lock, self._closing = threading.Lock(), threading.Event()

    def begin(self, job: Job) -> None:
        """Run a job as soon as a thread is free."""
        stop = Stop()
        with self._lock:
            self._stops[job.place.task_run_id] = stop
            self._executions[job.place.task_run_id] = job.execution_id
        self._pool.submit(self._run, job, stop)

    def stop(self, task_run_id: str, reason: str) -> bool:
        """Ask a job to end early. False when it is not here (any more)."""
        with self._lock:
            found = self._stops.get(task_run_id)
        if found is None:
            return False
        found.ask(reason)
        return True

    def stop_all(self, execution_id: str, reason: str) -> None:
        """Ask all jobs of an execution to end early."""
        with self._lock:
            found = [run for run, owner in self._executions.items() if owner == execution_id]
        for run in found:
            self.stop(run, reason)

    def close(self) -> None:
        """Stop all jobs without recording their end, so that the next process runs them again."""
        self._closing.set()
        with self._lock:
            stops = list(self._stops.values())
            self._stops.clear()
        for stop in stops:
            stop.ask("shutdown")
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, stop: Stop) -> None:
        report = Report(job, self._printed(job))
        report.outcome = self._outcome(report, stop)
        if stop.reason == "shutdown":
            report.printed.flush()
            return
        if isinstance(report.printed, FileLines):
            files = TaskFiles(self._services, job.place)
            report.outcome.log_file = report.printed.store(files.put_file, job.place)
        with self._lock:
            self._stops.pop(job.place.task_run_id, None)
            self._executions.pop(job.place.task_run_id, None)
        self._submit(report)

    def _printed(self, job: Job) -> JobLines | FileLines:
        """Where the lines of a job go."""
        services, place = self._services, job.place
        rows = self._logs.for_job(job, services.masker.mask)
        if not is_on(job.properties.raw("logToFile")):
            return rows
        path = services.work / f"log-{place.task_run_id}-{place.attempt}"
        return FileLines(rows, path, services.clock, services.masker.mask)

    def _submit(self, report: Report) -> None:
        """Record the end of a job, now or later."""

        def told(done: Future[None]) -> None:
            if done.exception() is None:
                self._done(report.job.execution_id)
            elif not self._closing.is_set():
                self._pool.submit(self._submit_again, report, done.exception())

        self._services.store.write(lambda connection: self._record(connection, report)).add_done_callback(told)

    def _submit_again(self, report: Report, error: BaseException | None) -> None:
        """The store could not take the end of a job, say on a full disk: the work is done and must not be done anew.
        What the store can never take is a failure of the task."""
        if isinstance(error, StoreError):
            LOG.error("execution %s: the end of a task is recorded later: %s", report.job.execution_id, error)
        else:
            LOG.error("execution %s: the result of a task cannot be recorded: %s", report.job.execution_id, error)
            report.give_up()
        if not self._closing.wait(RETRY_SECONDS):
            self._submit(report)

    def _outcome(self, report: Report, stop: Stop) -> Outcome:
        job = report.job

        def sink(level: str, message: str) -> None:
            if passes(level, job.lowest):
                report.printed.add(level, message)

        if stop.reason is not None:  # over before it began: an earlier process may have had the time for it
            return self._judged(job, stop, Outcome(KILLED), sink)
        left = None if job.deadline is None else max(job.deadline - self._services.clock(), 0) / 1_000_000
        context = TaskContext(
            self._services,
            job.place,
            job.renderer,
            sink,
            lambda *measured: report.metrics.append(self._metric(job, *measured)),
            job.shared,
            stop,
            None if left is None else time.monotonic() + left,
        )
        try:
            outcome = self._called(job, context, sink)
        finally:
            context.close()
        return self._judged(job, stop, outcome, sink)

    def _called(self, job: Job, context: TaskContext, log: Callable[[str, str], None]) -> Outcome:
        services = self._services
        try:
            box = services.vault.box if job.sealed else None
            cache = cache_of(services.storage, services.clock, job.place, job.properties, log, box)
        except BadProperty as error:
            log("ERROR", str(error))
            return Outcome(FAILED)
        return cached(lambda: call(job.task, context, job.properties, log), cache, log)

    def _judged(self, job: Job, stop: Stop, outcome: Outcome, log: Callable[[str, str], None]) -> Outcome:
        """What counts when the job was asked to end: a timeout fails, a kill kills, whatever the task made of it."""
        if stop.reason == "timeout":
            length = job.properties.duration("timeout") or 0
            log("ERROR", f"Timeout after {clock_text(length)}")
            return Outcome(FAILED)
        if stop.reason is not None and outcome.state in (FAILED, KILLED):
            return Outcome(KILLED, outcome.outputs)
        return outcome

    def _metric(self, job: Job, name: str, kind: str, value: float, tags: object) -> Metric:
        place = job.place
        return Metric(
            place.execution_id,
            place.namespace,
            place.flow_id,
            place.task_id,
            place.task_run_id,
            name,
            kind,
            value,
            self._services.masker.mask_json(dump(tags)).decode(),
            self._services.clock(),
        )

    def _record(self, connection: sqlite3.Connection, report: Report) -> None:
        """The end of a job in one transaction; a result that nobody waits for is dropped."""
        from flowctl.engine.store.tables import logs

        report.lines.extend(report.printed.end())
        if report.lines:
            logs.add(connection, report.lines)
        if report.metrics:
            logs.add_metrics(connection, report.metrics)
        id_, execution_id = report.job.place.task_run_id, report.job.execution_id
        if steps.finish_run(connection, execution_id, id_, self._owner):
            event = {"type": "result", "run": id_, "outcome": report.outcome.to_json()}
            steps.tell(connection, execution_id, event, sealed=report.job.sealed)
