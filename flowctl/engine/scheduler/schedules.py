"""Triggers that are evaluated by time: each date becomes at most one execution, in the transaction that moves it on."""

from __future__ import annotations

import logging
import sqlite3
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.expressions.conditions import UnknownCondition, conditioned, wanted
from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.records.flowsource import FlowRevision, UnknownFlow
from flowctl.engine.executor.records.times import moment_of
from flowctl.engine.scheduler import backfills, rows
from flowctl.engine.scheduler.backfills import Backfill
from flowctl.engine.scheduler.firing import Firing, Started, Trigger, fire, renderer_of, trigger_of
from flowctl.engine.scheduler.occurrence import following, neighbours, occurrence, printed, schedule_variables
from flowctl.engine.scheduler.polling import KIND as POLLING
from flowctl.engine.scheduler.polling import interval
from flowctl.engine.scheduler.rows import Row, moment_of_ms, ms_of
from flowctl.engine.store import StoreError
from flowctl.language.flags import is_on

LOG = logging.getLogger("flowctl.scheduler")
KIND = "SCHEDULE"
NEVER = "trigger %s/%s/%s never fires again: %s"
SKIPPED = "trigger %s/%s/%s: the date %s is skipped: %s"
MOST = 500


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of a row: its next date, and the execution that its present date starts."""

    next: datetime | None
    fired: datetime | None = None
    started: Started | None = None
    backfill: Backfill | None = None
    locks: bool = False


class Schedules:
    """`work` fires what is due. `awake_since`: dates before it were missed, as no server ran or the clock leapt."""

    def __init__(self, executor: Executor, awake_since: datetime) -> None:
        self._executor, self._services, self.awake_since = executor, executor.services, awake_since

    def date_new(self) -> None:
        """Give triggers that were saved since the last look their first date, counted from when they were saved."""
        for row, saved_ms in self._services.store.read(rows.undated):
            first = self._first(row, moment_of_ms(saved_ms))
            if first is not None:
                self._set_next(row, ms_of(first))

    def _set_next(self, row: Row, next_ms: int) -> None:
        self._services.store.write(lambda connection: rows.set_next(connection, row.key, next_ms)).result()

    def _first(self, row: Row, saved: datetime) -> datetime | None:
        try:
            return saved + interval(row.definition) if row.kind == POLLING else following(row.definition, saved)
        except ValueError as error:
            LOG.warning("trigger %s/%s/%s never fires: %s", *row.key, error)
            return None

    def work(self, now: datetime) -> bool:
        """Fire what is due. Whether there was anything.

        Raises:
            StoreError: some of it could not be recorded and is still due; the rest has fired.
        """
        due = self._services.store.read(lambda connection: rows.due(connection, KIND, ms_of(now), MOST))
        pending = [(row, move, self._record(row, move)) for row in due for move in (self._move(row, now),)]
        problems = [problem for one in pending if (problem := self._take(*one)) is not None]
        if problems:
            raise problems[0]
        return bool(due)

    def _take(self, row: Row, move: Move, recorded: Future[bool]) -> StoreError | None:
        """Begin what was recorded. Returns why it could not be, for the time being."""
        error = recorded.exception()
        if isinstance(error, StoreError):
            return error
        if error is not None:
            self._record(row, self._skipped(row, error)).result()
        elif recorded.result() and move.started is not None:
            self._executor.begin(move.started.execution)
        return None

    def earliest(self) -> int | None:
        """When the next date comes, in milliseconds."""
        return self._services.store.read(rows.earliest)

    def _record(self, row: Row, move: Move) -> Future[bool]:
        started = move.started

        def write(connection: sqlite3.Connection) -> bool:
            moved = rows.advance(
                connection,
                row,
                ms_of(move.next) if move.next else None,
                fired_ms=ms_of(move.fired) if move.fired else None,
                execution_id=started.execution.id if started and move.locks else None,
                backfill=move.backfill,
            )
            if moved and started is not None:
                started.store(connection)
                if started.execution.terminal:  # refused as it was made: its state changes no more
                    rows.ended(connection, started.execution)
            return moved

        return self._services.store.write(write)

    def _move(self, row: Row, now: datetime) -> Move:
        try:
            flow = self._services.flows.latest(row.namespace, row.flow_id)
            trigger = trigger_of(flow, row.trigger_id)
            if trigger is not None:
                return self._due(row, flow, trigger, now)
        except (UnknownFlow, ValueError) as error:
            LOG.warning(NEVER, *row.key, error)
        except StoreError:
            raise
        except Exception as error:  # a mistake of ours: it must not keep the others from firing
            return self._skipped(row, error)
        return Move(None)

    def _skipped(self, row: Row, error: BaseException) -> Move:
        """Go on after a date that failed inside: a mistake of ours must not end a schedule."""
        LOG.error(SKIPPED, *row.key, moment_of_ms(row.next_ms), error, exc_info=error)
        try:
            return self._next(row)
        except Exception as again:  # also the way out of a mistake failed: this trigger rests, the others fire
            LOG.exception(NEVER, *row.key, again)
            return Move(None)

    def _next(self, row: Row) -> Move:
        if row.backfill is not None:
            found, rest = backfills.step(row.definition, row.backfill)
            return Move(found.next, backfill=rest)
        return Move(following(row.definition, max(moment_of_ms(row.next_ms), moment_of(self._services.clock()))))

    def _due(self, row: Row, flow: FlowRevision, trigger: Trigger, now: datetime) -> Move:
        date, held = moment_of_ms(row.next_ms), row.backfill
        if held is not None:
            found, rest = backfills.step(trigger, held)
        else:
            found, rest = occurrence(trigger, date, now, self.awake_since), None
        if found.fire is None:
            return Move(found.next, backfill=rest)
        started = self._start(flow, trigger, found.fire, held)
        if started is not None and held is None:
            self._services.seen.schedule_lag.note((now - date).total_seconds())
        locks = started is not None and started.problem is None and not is_on(trigger.get("allowConcurrent"))
        return Move(found.next, found.fire, started, rest, locks)

    def _start(self, flow: FlowRevision, trigger: Trigger, date: datetime, held: Backfill | None) -> Started | None:
        variables = schedule_variables(trigger, date)
        if conditioned(trigger) and self._counts(flow, trigger, date):
            near = neighbours(trigger, date, lambda other: self._counts(flow, trigger, other))
            variables = printed(trigger, {"date": date, **near})
        inputs, labels = (held.inputs, held.labels) if held is not None else ({}, ())
        return fire(self._services, Firing(flow, trigger, variables, inputs=inputs, labels=labels))

    def _counts(self, flow: FlowRevision, trigger: Trigger, date: datetime) -> bool:
        """Whether a date obeys the trigger's conditions; one where they cannot be rendered does, for it fires."""
        renderer = renderer_of(self._services, Firing(flow, trigger, schedule_variables(trigger, date)))
        try:
            return wanted(trigger, renderer, {})
        except (ExpressionError, UnknownCondition, ValueError):
            return True
