"""The concurrency limit of a flow (flow-language sheet, section 7.4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowctl.engine.executor.definition import Definition
from flowctl.engine.executor.records import Execution
from flowctl.engine.executor.states import QUEUED
from flowctl.engine.store import executions, flows, steps
from flowctl.engine.store.jsontext import load

if TYPE_CHECKING:
    from flowctl.engine.executor.performing import Performer

COUNTED = ("CREATED", "RUNNING", "PAUSED", "RESTARTED", "RETRYING", "KILLING", "BREAKPOINT")


@dataclass(frozen=True, slots=True)
class Concurrency:
    """`limit` executions at once; what becomes of more: QUEUE, CANCEL or FAIL."""

    limit: int
    behavior: str


def concurrency_of(flow: Mapping[str, object]) -> Concurrency | None:
    """What a flow says, as plain data; None when it says nothing."""
    value = flow.get("concurrency")
    if not isinstance(value, dict) or not isinstance(value.get("limit"), int):
        return None
    return Concurrency(value["limit"], str(value.get("behavior") or "QUEUE"))


def admit(connection: sqlite3.Connection, execution: Execution, definition: Definition, now: int) -> None:
    """Decide about a new execution, in the transaction that stores it: its state may become QUEUED or final."""
    rule = concurrency_of(definition.value)
    if rule is None or execution.loop_run is not None:
        return
    busy = executions.open_of_flow(connection, execution.namespace, execution.flow_id, COUNTED)
    queued = executions.first_queued(connection, execution.namespace, execution.flow_id)
    if busy < rule.limit and (queued is None or rule.behavior != "QUEUE"):
        return
    state = {"CANCEL": "CANCELLED", "FAIL": "FAILED"}.get(rule.behavior, "QUEUED")
    del execution.history[1:]
    execution.history.append((state, now))


def release_queued(performer: Performer) -> None:
    """Once an execution has ended: tell those of its flow for which there is room now."""
    turn = performer.turn
    execution = turn.execution
    if execution.loop_run is None:
        turn.extra.append(lambda c: turn.spawned.extend(release(c, execution.namespace, execution.flow_id)))


def release(connection: sqlite3.Connection, namespace: str, flow_id: str) -> list[str]:
    """Tell the QUEUED executions of a flow for which there is room, first come first served; returns their ids. Telling
    one twice is harmless.

    The limit is that of the newest text: with another one they would wait for executions that never come, or for room
    that there is already.
    """
    waiting = executions.open_of_flow(connection, namespace, flow_id, (QUEUED,))
    if not waiting:
        return []
    rule = _newest(connection, namespace, flow_id)
    room = waiting
    if rule is not None:
        room = min(waiting, rule.limit - executions.open_of_flow(connection, namespace, flow_id, COUNTED))
    found = executions.longest_queued(connection, namespace, flow_id, max(room, 0))
    for id_ in found:
        steps.tell(connection, id_, {"type": "release"})
    return found


def _newest(connection: sqlite3.Connection, namespace: str, flow_id: str) -> Concurrency | None:
    """The rule of the newest text, of a deleted flow of its last one."""
    row = flows.newest(connection, namespace, flow_id, allow_deleted=True)
    value = load(row.body) if row is not None else None
    return concurrency_of(value) if isinstance(value, dict) else None


def release_everywhere(connection: sqlite3.Connection) -> None:
    """The same for every flow, when the server starts."""
    for namespace, flow_id in executions.flows_with(connection, QUEUED):
        release(connection, namespace, flow_id)
