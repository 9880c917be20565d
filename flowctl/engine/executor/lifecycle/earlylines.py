"""Lines in the log of an execution that ends as it is made: there is no turn that would write them."""

from __future__ import annotations

import sqlite3

from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.tables import logs
from flowctl.engine.store.tables.logs import LogLine


def add_line(connection: sqlite3.Connection, execution: Execution, level: str, message: str) -> None:
    """Write a line inside the transaction that stores the execution; its time is that of the newest state."""
    at = execution.history[-1][1]
    line = LogLine(execution.id, execution.namespace, execution.flow_id, None, None, None, at, level, message)
    logs.add(connection, [line])
