"""Flow triggers: from a change of state to the executions it starts, in one transaction each."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.expressions.conditions import UnknownCondition, unconditioned, wanted
from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.records.flowsource import FlowRevision, UnknownFlow
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.times import moment_of
from flowctl.engine.scheduler import events, windowrows
from flowctl.engine.scheduler.causes import causes_of
from flowctl.engine.scheduler.events import StateEvent
from flowctl.engine.scheduler.firing import Firing, Started, fire, renderer_of
from flowctl.engine.scheduler.listeners import Listeners
from flowctl.engine.scheduler.matching import Listener
from flowctl.engine.scheduler.sources import (
    Entry,
    Seen,
    entry_of,
    notable_tasks,
    outputs_of,
    secret_places,
    seen_of,
    told_by,
    trigger_variables,
)
from flowctl.engine.scheduler.triggerlines import say
from flowctl.engine.scheduler.windows import Window
from flowctl.engine.store import StoreError
from flowctl.engine.store.tables import executions

LOG = logging.getLogger("flowctl.scheduler")
MOST = 200


@dataclass(slots=True)
class Work:
    """What one event leads to, recorded together with crossing the event off: a crash leaves all of it or nothing."""

    started: list[Started] = field(default_factory=list)
    effects: list[Callable[[sqlite3.Connection], None]] = field(default_factory=list)

    def write(self, connection: sqlite3.Connection, event: StateEvent) -> bool:
        """False when the event was dealt with already."""
        if not events.done(connection, event):
            return False
        for effect in self.effects:
            effect(connection)
        for one in self.started:
            one.store(connection)
        return True


@dataclass(frozen=True)
class Source:
    """An execution that came into a state, and what expressions see of it."""

    execution: Execution
    event: StateEvent

    @cached_property
    def seen(self) -> Seen:
        """Made when a trigger first asks."""
        return seen_of(self.execution, self.event)


class FlowTriggers:
    """Looks at what happened and starts what waits for it."""

    def __init__(self, executor: Executor, listeners: Listeners) -> None:
        self._executor, self._services, self._listeners = executor, executor.services, listeners

    def remember(self, connection: sqlite3.Connection, execution: Execution, state: str) -> bool:
        """In the transaction of a change into a state: leave an event if any trigger may care."""
        if execution.loop_run is not None or execution.kind == "TEST":
            return False
        wanted = self._listeners.wants(execution.namespace, execution.flow_id, state)
        if wanted:
            events.add(connection, execution.id, state, self._services.clock())
        return wanted

    def work(self) -> bool:
        """Look at some of what happened. Whether there was anything."""
        pending = self._services.store.read(lambda connection: events.pending(connection, MOST))
        for event in pending:
            self._one(event)
        return bool(pending)

    def _one(self, event: StateEvent) -> None:
        execution = self._services.store.read(lambda connection: executions.head(connection, event.execution_id))
        work = Work()
        listeners = self._listeners.matching(execution.namespace, execution.flow_id, event.state) if execution else ()
        if execution is not None and listeners:
            found = self._services.store.read(lambda c: causes_of(c, execution, self._listeners.open))
            source = self._source(execution, event)
            for listener in filter(found.allow, listeners):
                self._listen(listener, source, event, work)
        if self._recorded(work, event):
            for one in work.started:
                self._executor.ready(one.execution.id)

    def _source(self, execution: Execution, event: StateEvent) -> Source:
        whole = self._services.store.read(lambda connection: executions.read(connection, execution.id)) or execution
        return Source(whole, event)

    def _recorded(self, work: Work, event: StateEvent) -> bool:
        """Record what follows from an event; an event whose work can never be recorded is crossed off without it."""
        try:
            return self._services.store.write(lambda connection: work.write(connection, event)).result()
        except StoreError:
            raise
        except Exception:  # a mistake of ours: the event must not come back for ever
            LOG.exception("what follows from the execution %s cannot be recorded", event.execution_id)
            self._services.store.write(lambda connection: events.done(connection, event)).result()
            return False

    def _listen(self, listener: Listener, source: Source, event: StateEvent, work: Work) -> None:
        try:
            flow = self._services.flows.latest(listener.namespace, listener.flow_id)
            made = self._consider(flow, listener, source, event, work)
        except (UnknownFlow, ExpressionError, UnknownCondition) as error:
            say(self._services, listener.key, str(error))
            return
        except StoreError:
            raise
        except Exception:  # a mistake of ours: it must not keep the others from firing
            LOG.exception("trigger %s/%s/%s", *listener.key)
            return
        if made is not None:
            work.started.append(made)

    def _consider(
        self, flow: FlowRevision, listener: Listener, source: Source, event: StateEvent, work: Work
    ) -> Started | None:
        execution, seen = source.execution, source.seen
        firing = Firing(flow, listener.trigger, trigger_variables(execution, event), seen.subject)
        firing = replace(firing, system=_correlation(execution))
        newly = self._newly(listener, firing, source, event)
        if not newly:
            return None
        last = entry_of(execution, listener.digest)
        met = self._met(listener, newly, last, event, work)
        if met is None:
            return None
        if listener.watched:
            work.effects.append(lambda connection: windowrows.satisfied(connection, listener.key, event.at))
        full = replace(
            firing,
            trigger=unconditioned(listener.trigger),
            variables={**firing.variables, **notable_tasks(execution), "outputs": outputs_of(last, met)},
            secret=tuple(secret_places(last, met)),
            told=told_by(met),
        )
        started = fire(self._services, full)
        if started is not None and listener.window is not None and listener.window.fire_once:
            work.effects.append(
                lambda connection: events.put_met(
                    connection, listener.key, events.FIRED, event.at, {"of": listener.digest}
                )
            )
        return started

    def _newly(self, listener: Listener, firing: Firing, source: Source, event: StateEvent) -> list[int]:
        """The numbers of the dependencies that an execution meets, none unless the trigger's conditions hold for it."""
        asking = (
            firing if not listener.modern else replace(firing, subject={**firing.subject, "flow": source.seen.flow})
        )
        execution, renderer = source.execution, renderer_of(self._services, asking)
        newly = [
            number
            for number, one in enumerate(listener.dependencies)
            if one.may_meet(execution.namespace, execution.flow_id, event.state) and one.met(renderer, firing.subject)
        ]
        return newly if newly and wanted(listener.trigger, renderer, firing.subject) else []

    def _fired_within(self, listener: Listener, window: Window, now: datetime) -> bool:
        """Whether a trigger with `fireOnce` has fired in the window that is open now; without bounds there is none."""
        if not window.fire_once or not window.bounded:
            return False
        at = self._services.store.read(lambda connection: events.fired(connection, listener.key, listener.digest))
        return at is not None and window.holds(moment_of(at), now)

    def _met(
        self, listener: Listener, newly: list[int], last: Entry, event: StateEvent, work: Work
    ) -> list[Entry] | None:
        """All that was met when that is enough, else None; what was met is remembered."""
        now, window = moment_of(event.at), listener.window
        if window is not None and (not window.open(now) or self._fired_within(listener, window, now)):
            return None
        if len(listener.dependencies) == 1:
            return [last]
        found = self._services.store.read(lambda connection: events.met(connection, listener.key, listener.digest))
        found.update((number, (event.at, last)) for number in newly)
        holding = [one for at, one in found.values() if window is None or window.holds(moment_of(at), now)]
        enough = len(holding) >= listener.needed
        work.effects.append(_remembering(listener, newly, event, last, start_over=enough and listener.reset))
        return holding if enough else None


def _remembering(
    listener: Listener, newly: list[int], event: StateEvent, entry: Entry, *, start_over: bool
) -> Callable[[sqlite3.Connection], None]:
    def effect(connection: sqlite3.Connection) -> None:
        if start_over:
            events.clear_met(connection, listener.key)
            return
        for number in newly:
            events.put_met(connection, listener.key, number, event.at, entry)

    return effect


def _correlation(source: Execution) -> tuple[tuple[str, str], ...]:
    labels: Mapping[str, str] = dict(source.labels)
    found = labels.get("system.correlationId")
    return (("system.correlationId", found),) if found else ()
