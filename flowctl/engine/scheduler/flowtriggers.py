"""Flow triggers: from a change of state to the executions it starts, in one transaction each."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.expressions.conditions import UnknownCondition
from flowctl.engine.executor.expressions.context import nested_labels
from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.records.flowsource import FlowRevision, UnknownFlow
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import SECRET_OUTPUTS, Place, below, secret_values
from flowctl.engine.executor.records.times import iso_time, moment_of
from flowctl.engine.scheduler import events, windowrows
from flowctl.engine.scheduler.causes import causes_of
from flowctl.engine.scheduler.events import StateEvent
from flowctl.engine.scheduler.firing import Firing, Started, fire, renderer_of
from flowctl.engine.scheduler.listeners import Listeners
from flowctl.engine.scheduler.matching import Listener
from flowctl.engine.scheduler.triggerlines import say
from flowctl.engine.scheduler.windows import Window
from flowctl.engine.store import StoreError
from flowctl.engine.store.tables import executions

LOG = logging.getLogger("flowctl.scheduler")
MOST = 200
Entry = dict[str, object]


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
        source = self._services.store.read(lambda connection: executions.head(connection, event.execution_id))
        work = Work()
        listeners = (
            self._listeners.matching(source.namespace, source.flow_id, event.state) if source is not None else ()
        )
        if source is not None and listeners:
            found = self._services.store.read(lambda c: causes_of(c, source, self._listeners.open))
            for listener in filter(found.allow, listeners):
                self._listen(listener, source, event, work)
        if self._recorded(work, event):
            for one in work.started:
                self._executor.ready(one.execution.id)

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

    def _listen(self, listener: Listener, source: Execution, event: StateEvent, work: Work) -> None:
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
        self, flow: FlowRevision, listener: Listener, source: Execution, event: StateEvent, work: Work
    ) -> Started | None:
        subject, variables = subject_of(source, event), variables_of(source, event)
        system = _correlation(source)
        firing = Firing(flow, listener.trigger, variables, subject, system=system)
        renderer = renderer_of(self._services, firing)
        newly = [
            number
            for number, dependency in enumerate(listener.dependencies)
            if dependency.may_meet(source.namespace, source.flow_id, event.state) and dependency.met(renderer, subject)
        ]
        if not newly:
            return None
        met = self._met(listener, newly, source, event, work)
        if met is None:
            return None
        if listener.watched:
            work.effects.append(lambda connection: windowrows.satisfied(connection, listener.key, event.at))
        full = replace(
            firing,
            variables={**variables, **self._runs(source), "outputs": outputs_of(listener, met)},
            secret=tuple(secret_places(listener, met)),
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

    def _fired_within(self, listener: Listener, window: Window, now: datetime) -> bool:
        """Whether a trigger with `fireOnce` has fired in the window that is open now; without bounds there is none."""
        if not window.fire_once or not window.bounded:
            return False
        at = self._services.store.read(lambda connection: events.fired(connection, listener.key, listener.digest))
        return at is not None and window.holds(moment_of(at), now)

    def _runs(self, source: Execution) -> dict[str, object]:
        """`firstFailedTaskId` and `lastTaskId`, as far as there are such."""
        whole = self._services.store.read(lambda connection: executions.read(connection, source.id))
        runs = list(whole.runs.values()) if whole is not None else []
        failed = [run.task_id for run in runs if run.state == "FAILED"]
        found: dict[str, object] = {"firstFailedTaskId": failed[0]} if failed else {}
        return found | ({"lastTaskId": runs[-1].task_id} if runs else {})

    def _met(
        self, listener: Listener, newly: list[int], source: Execution, event: StateEvent, work: Work
    ) -> list[Entry] | None:
        """All that was met when that is enough, else None; what was met is remembered."""
        now, window = moment_of(event.at), listener.window
        if window is not None and (not window.open(now) or self._fired_within(listener, window, now)):
            return None
        entry = entry_of(source, listener)
        if len(listener.dependencies) == 1:
            return [entry]
        found = self._services.store.read(lambda connection: events.met(connection, listener.key, listener.digest))
        found.update((number, (event.at, entry)) for number in newly)
        holding = [one for at, one in found.values() if window is None or window.holds(moment_of(at), now)]
        enough = len(holding) >= listener.needed
        work.effects.append(_remembering(listener, newly, event, entry, start_over=enough and listener.reset))
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


def entry_of(source: Execution, listener: Listener) -> Entry:
    """What is remembered of an execution that met a dependency. `told`: it has to do with these secret values."""
    entry: Entry = {"flowId": source.flow_id, "outputs": dict(source.outputs or {}), "of": listener.digest}
    if source.sealed:
        entry |= {"secret": source.memo.get(SECRET_OUTPUTS, []), "told": list(secret_values(source))}
    return entry


def outputs_of(listener: Listener, met: list[Entry]) -> dict[str, object]:
    """`trigger.outputs`: by flow; those of a single one by their names, too."""
    found: dict[str, object] = {str(one["flowId"]): one["outputs"] for one in met}
    own = met[0]["outputs"]
    return {**own, **found} if len(listener.dependencies) == 1 and isinstance(own, dict) else found


def secret_places(listener: Listener, met: list[Entry]) -> Iterator[Place]:
    """Where among the variables SECRET outputs are."""
    for one in met:
        yield from below(["outputs", str(one["flowId"])], one.get("secret"))
        if len(listener.dependencies) == 1:
            yield from below(["outputs"], one.get("secret"))


def told_by(met: list[Entry]) -> list[str] | None:
    """The secret values that executions know; None when none of them has to do with any."""
    told = [values for one in met if isinstance(values := one.get("told"), list)]
    return [value for values in told for value in values] if told else None


def subject_of(source: Execution, event: StateEvent) -> dict[str, object]:
    """What conditions and `when` see of the execution that changed."""
    return {
        "namespace": source.namespace,
        "flowId": source.flow_id,
        "state": event.state,
        "labels": nested_labels(source.labels),
        "outputs": source.outputs or {},
        "hasRetryAttempt": source.attempt_number > 1,
    }


def variables_of(source: Execution, event: StateEvent) -> dict[str, object]:
    """`trigger.*` of the execution that is started; no labels of the system (seen on a real 1.3 and 2.0)."""
    found: dict[str, object] = {
        "executionId": source.id,
        "namespace": source.namespace,
        "flowId": source.flow_id,
        "flowRevision": source.revision,
        "state": event.state,
        "executionLabels": {key: value for key, value in source.labels if not key.startswith("system.")},
        "startDate": iso_time(source.history[0][1]),
        "outputs": source.outputs or {},
    }
    if source.terminal:
        found["endDate"] = iso_time(source.history[-1][1])
    return found


def _correlation(source: Execution) -> tuple[tuple[str, str], ...]:
    labels: Mapping[str, str] = dict(source.labels)
    found = labels.get("system.correlationId")
    return (("system.correlationId", found),) if found else ()
