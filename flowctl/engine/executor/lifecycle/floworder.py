"""The concurrency limit of a flow: who may run, who waits for it, and who is let in next."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.engine.executor.lifecycle.earlylines import add_line
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.states import QUEUED, RUNNING
from flowctl.engine.store.jsontext import load
from flowctl.engine.store.tables import executions, flows, steps

COUNTED = ("CREATED", "RUNNING", "PAUSED", "RESTARTED", "RETRYING", "KILLING", "BREAKPOINT")
REFUSED = {"CANCEL": "CANCELLED", "FAIL": "FAILED"}
LEVELS = {"CANCELLED": "WARN", "FAILED": "ERROR"}


@dataclass(frozen=True, slots=True)
class Concurrency:
    """`limit` executions at once; what becomes of more: QUEUE, CANCEL or FAIL."""

    limit: int
    behavior: str

    @property
    def reason(self) -> str:
        """Why an execution is refused, for its log."""
        return f"The flow's concurrency limit of {self.limit} is reached, and its behavior is {self.behavior}"


def concurrency_of(flow: Mapping[str, object]) -> Concurrency | None:
    """What a flow says, as plain data; None when it says nothing."""
    value = flow.get("concurrency")
    if not isinstance(value, dict) or not isinstance(value.get("limit"), int):
        return None
    return Concurrency(value["limit"], str(value.get("behavior") or "QUEUE"))


def admit(connection: sqlite3.Connection, execution: Execution, definition: Definition, now: int) -> None:
    """Decide about a new execution, in the transaction that stores it: its state may become QUEUED or final. One that
    is to begin later is let in when its date has come (`enter`)."""
    rule = concurrency_of(definition.value)
    if rule is None or execution.loop_run is not None or execution.schedule_date is not None:
        return
    key = execution.namespace, execution.flow_id
    waits = rule.behavior == "QUEUE" and executions.first_queued(connection, *key) is not None
    if not waits and running(connection, *key, now) < rule.limit:
        return
    state = REFUSED.get(rule.behavior, QUEUED)
    execution.history[1:] = [(state, now)]
    if state != QUEUED:
        add_line(connection, execution, LEVELS[state], rule.reason)


def running(connection: sqlite3.Connection, namespace: str, flow_id: str, now: int) -> int:
    """How many executions of a flow count for its limit: all that go on, those left out that are to begin later."""
    busy = executions.open_of_flow(connection, namespace, flow_id, COUNTED)
    return busy - executions.to_begin_later(connection, namespace, flow_id, now) if busy else 0


def enter(performer: Performer) -> None:
    """Let an execution in whose date has come, if there is room; else it waits or ends, as the newest text says."""
    turn = performer.turn
    execution, now = turn.execution, turn.clock()
    key = execution.namespace, execution.flow_id
    rule = None if execution.loop_run is not None else performer.services.store.read(lambda c: _newest(c, *key))
    if rule is None:
        turn.become(RUNNING)
        return
    turn.become(QUEUED)
    refusal = REFUSED.get(rule.behavior)

    def write(connection: sqlite3.Connection) -> None:
        if refusal is None:
            turn.spawned.extend(release(connection, *key, now))
        else:
            free = running(connection, *key, now) < rule.limit
            refused = {"type": "refuse", "state": refusal, "reason": rule.reason}
            steps.tell(connection, execution.id, {"type": "release"} if free else refused)

    turn.extra.append(write)


def release_queued(performer: Performer) -> None:
    """Once an execution has ended: tell those of its flow for which there is room now."""
    turn = performer.turn
    execution, now = turn.execution, turn.clock()
    if execution.loop_run is None:
        turn.extra.append(lambda c: turn.spawned.extend(release(c, execution.namespace, execution.flow_id, now)))


def release(connection: sqlite3.Connection, namespace: str, flow_id: str, now: int) -> list[str]:
    """Tell the QUEUED executions of a flow for which there is room, first come first served; returns their ids. Telling
    one twice is harmless.

    The limit is that of the newest text: with another one they would wait for executions that never come, or for room
    that there is already.
    """
    waiting = executions.open_of_flow(connection, namespace, flow_id, (QUEUED,))
    if not waiting:
        return []
    rule = _newest(connection, namespace, flow_id)
    room = waiting if rule is None else min(waiting, rule.limit - running(connection, namespace, flow_id, now))
    found = executions.longest_queued(connection, namespace, flow_id, max(room, 0))
    for id_ in found:
        steps.tell(connection, id_, {"type": "release"})
    return found


def _newest(connection: sqlite3.Connection, namespace: str, flow_id: str) -> Concurrency | None:
    """The rule of the newest text, of a deleted flow of its last one."""
    row = flows.newest(connection, namespace, flow_id, allow_deleted=True)
    value = load(row.body) if row is not None else None
    return concurrency_of(value) if isinstance(value, dict) else None


def release_everywhere(connection: sqlite3.Connection, now: int) -> None:
    """The same for every flow, when the server starts."""
    for namespace, flow_id in executions.flows_with(connection, QUEUED):
        release(connection, namespace, flow_id, now)
