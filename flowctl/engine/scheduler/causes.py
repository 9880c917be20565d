"""What led to an execution through Flow triggers, and which triggers may answer it without the run never ending.

On a real server flows whose triggers have no conditions answer each other for ever.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from flowctl.engine.executor.records.records import Execution
from flowctl.engine.scheduler.matching import Listener
from flowctl.engine.store.tables import executions

LONGEST_CHAIN = 100
"""Executions that are looked at, from the one that changed back to what set it off."""
MOST_OPEN = 1
"""Executions started by triggers without conditions that a chain may hold before such a trigger leaves it alone."""
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Causes:
    """The flows whose executions led to an execution, and how many of the chain open triggers started."""

    flows: frozenset[tuple[str, str]]
    open: int

    def allow(self, listener: Listener) -> bool:
        """Whether a trigger may answer: none that has led here itself, and of open ones not one after the other."""
        if (listener.namespace, listener.flow_id) in self.flows:
            return False
        return not listener.open or self.open <= MOST_OPEN


def causes_of(connection: sqlite3.Connection, source: Execution, open_triggers: Collection[Key]) -> Causes:
    """Follow an execution back to what set it off."""
    flows: set[tuple[str, str]] = set()
    opened, execution = 0, source
    for _ in range(LONGEST_CHAIN):
        trigger = execution.trigger or {}
        variables = trigger.get("variables")
        if not isinstance(variables, dict) or "executionId" not in variables:
            break
        opened += (execution.namespace, execution.flow_id, str(trigger.get("id"))) in open_triggers
        flows.add((str(variables.get("namespace")), str(variables.get("flowId"))))
        before = executions.head(connection, str(variables["executionId"]))
        if before is None:
            break
        execution = before
    return Causes(frozenset(flows), opened)
