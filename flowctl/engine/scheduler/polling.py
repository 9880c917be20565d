"""Triggers that ask an HTTP address from time to time, on a few threads of their own."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.records.flowsource import FlowRevision, UnknownFlow
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import TaskFailure
from flowctl.engine.plugins.web.options import options_of
from flowctl.engine.plugins.web.requests import charset_of, exchange, limited, shown_headers
from flowctl.engine.scheduler import rows
from flowctl.engine.scheduler.firing import Firing, Started, Trigger, failure, fire, renderer_of, trigger_of
from flowctl.engine.scheduler.rows import Row
from flowctl.engine.scheduler.triggerlines import say
from flowctl.language.durations import read_duration
from flowctl.language.flags import is_on

LOG = logging.getLogger("flowctl.scheduler")
KIND = "POLLING"
MOST = 100
THREADS = 4
DEFAULT_CONDITION = "{{ response.statusCode < 400 }}"
DEFAULT_INTERVAL, SHORTEST_INTERVAL = timedelta(seconds=60), timedelta(seconds=1)
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address said."""

    uri: str
    code: int
    headers: dict[str, list[str]]
    body: str

    def variables(self, body: str) -> dict[str, object]:
        """`trigger.*`; `body` is the name that the body has there."""
        return {"uri": self.uri, "code": self.code, "headers": self.headers, body: self.body}


class Polling:
    """`work` begins what is due; an execution is started when the answer meets the trigger's condition."""

    def __init__(self, executor: Executor, ring: Callable[[], None]) -> None:
        self._executor, self._services, self._ring = executor, executor.services, ring
        self._pool: ThreadPoolExecutor | None = None
        self._asking: dict[rows.Key, int] = {}
        self._told: dict[rows.Key, str] = {}

    def work(self, now: datetime) -> bool:
        """Begin what is due. Whether there was anything."""
        due = self._services.store.read(lambda c: rows.due(c, KIND, rows.ms_of(now), MOST))
        for row in due:
            self._begin(row, now)
        return bool(due)

    def close(self) -> None:
        """Drop what is under way; it is asked again after the next start."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, row: Row, now: datetime) -> None:
        next_ms = rows.ms_of(now + interval(row.definition))

        def move(connection: sqlite3.Connection) -> bool:
            """Move on; whoever still waits for an answer has to know the new date. Only the writer's thread is here."""
            moved = rows.advance(connection, row, next_ms)
            if moved and row.key in self._asking:
                self._asking[row.key] = next_ms
                return False
            return moved

        moved = self._services.store.write(move).result()
        if moved and str(row.definition.get("type", "")).endswith(".http.Trigger"):
            self._asking[row.key] = next_ms
            self._pool = self._pool or ThreadPoolExecutor(THREADS, "flowctl-polling")
            self._pool.submit(self._poll, row)

    def _poll(self, row: Row) -> None:
        try:
            self._look(row)
        except Exception:  # a mistake of ours: it must not keep the others from being asked
            LOG.exception("trigger %s/%s/%s", *row.key)
        finally:
            self._asking.pop(row.key, None)

    def _look(self, row: Row) -> None:
        try:
            flow = self._services.flows.latest(row.namespace, row.flow_id)
        except UnknownFlow:
            return
        trigger = trigger_of(flow, row.trigger_id)
        started = self._started(flow, trigger, row) if trigger is not None else None
        if started is not None and self._services.store.write(lambda c: self._record(c, row, started)).result():
            self._executor.ready(started.execution.id)

    def _started(self, flow: FlowRevision, trigger: Trigger, row: Row) -> Started | None:
        """What follows from an answer. No answer is a line of the trigger, or, with `failOnTriggerError`, an execution
        that FAILED."""
        try:
            found = self._ask(flow, trigger)
        except (TaskFailure, ExpressionError, ValueError, OSError) as error:
            self._tell(row, str(error))
            failed = is_on(trigger.get("failOnTriggerError")) and not flow.disabled
            return failure(self._services, Firing(flow, trigger, {}), str(error)) if failed else None
        self._told.pop(row.key, None)
        return found

    def _tell(self, row: Row, message: str) -> None:
        """Say what is wrong, once until it is something else or an answer comes: it may go on each second for days."""
        if self._told.get(row.key) != message:
            self._told[row.key] = message
            say(self._services, row.key, message)

    def _record(self, connection: sqlite3.Connection, row: Row, started: Started) -> bool:
        """Store the execution, and have the trigger wait for its end unless it need not. False when the trigger was
        moved on, switched off or deleted meanwhile."""
        execution, asked_for = started.execution, self._asking[row.key]
        waits = not is_on(row.definition.get("allowConcurrent"))
        if not rows.lock(connection, row.key, asked_for, execution.id if waits else None):
            return False
        started.store(connection)
        if execution.terminal:  # it was refused or failed as it was made: its state changes no more
            rows.ended(connection, execution)
        return True

    def _ask(self, flow: FlowRevision, trigger: Trigger) -> Started | None:
        renderer = renderer_of(self._services, Firing(flow, trigger, {}))
        answer = ask(trigger, renderer)
        response = {"statusCode": answer.code, "body": answer.body, "headers": answer.headers, "uri": answer.uri}
        if not renderer.truthy(trigger.get("responseCondition", DEFAULT_CONDITION), {"response": response}):
            return None
        if is_on(trigger.get("encryptBody")):
            encrypted = (["encryptedBody"],)
            return fire(self._services, Firing(flow, trigger, answer.variables("encryptedBody"), encrypted=encrypted))
        return fire(self._services, Firing(flow, trigger, answer.variables("body")))


def interval(trigger: Trigger) -> timedelta:
    """How long a trigger waits between two looks, a second at least."""
    text = trigger.get("interval")
    try:
        return max(read_duration(str(text)), SHORTEST_INTERVAL) if text is not None else DEFAULT_INTERVAL
    except (ValueError, OverflowError):
        return DEFAULT_INTERVAL


def ask(trigger: Trigger, renderer: Renderer) -> Answer:
    """The answer to a trigger's request, made with the properties and options of `http.Request`.

    Raises:
        TaskFailure, ValueError: there is none, or it is too large.
        ExpressionError: the request cannot be rendered.
    """
    properties = Properties(trigger, renderer)
    options = replace(options_of(properties), allow_failed=True)
    if options.read_seconds is None:
        options = replace(options, read_seconds=TIMEOUT_SECONDS)
    with options.client() as client, exchange(client, properties, _no_files) as response:
        data = limited(response)
        body = data.decode(charset_of(response), "replace")
        return Answer(str(response.request.url), response.status_code, shown_headers(response), body)


def _no_files(uri: str) -> bytes:
    raise TaskFailure(f"{uri!r} is a file of an execution, and a trigger has none")
