"""The concurrency limit of a flow (flow-language sheet, section 7.4)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowctl.engine.executor.definition import Definition
from flowctl.engine.executor.records import Execution
from flowctl.engine.store import executions, steps

if TYPE_CHECKING:
    from flowctl.engine.executor.performing import Performer

COUNTED = ("CREATED", "RUNNING", "PAUSED", "RESTARTED", "RETRYING", "KILLING", "BREAKPOINT")


@dataclass(frozen=True, slots=True)
class Concurrency:
    """`limit` executions at once; what becomes of more: QUEUE, CANCEL or FAIL."""

    limit: int
    behavior: str


def concurrency_of(definition: Definition) -> Concurrency | None:
    """What the flow says; None when it says nothing."""
    value = definition.value.get("concurrency")
    if not isinstance(value, dict) or not isinstance(value.get("limit"), int):
        return None
    return Concurrency(value["limit"], str(value.get("behavior") or "QUEUE"))


def admit(connection: sqlite3.Connection, execution: Execution, definition: Definition, now: int) -> None:
    """Decide about a new execution, in the transaction that stores it: its state may become QUEUED or final."""
    rule = concurrency_of(definition)
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
    """Tell the executions for which there is room now, first come first served. Telling one twice is harmless."""
    turn = performer.turn
    rule = concurrency_of(performer.live.definition)
    execution = turn.execution
    if rule is None or execution.loop_run is not None:
        return

    def release(connection: sqlite3.Connection) -> None:
        for id_ in released(connection, execution.namespace, execution.flow_id, rule.limit):
            turn.spawned.append(id_)
            steps.tell(connection, id_, {"type": "release"})

    turn.extra.append(release)


def released(connection: sqlite3.Connection, namespace: str, flow_id: str, limit: int) -> list[str]:
    """The QUEUED executions that may go now."""
    room = limit - executions.open_of_flow(connection, namespace, flow_id, COUNTED)
    if room <= 0:
        return []
    rows = connection.execute(
        "SELECT id FROM executions WHERE namespace = ? AND flow_id = ? AND shown = 1 AND state = 'QUEUED' "
        "ORDER BY created_us, rowid LIMIT ?",
        (namespace, flow_id, room),
    )
    return [row[0] for row in rows]
