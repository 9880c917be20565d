"""Stopping a run before its own end."""

from __future__ import annotations

from flowctl.engine.executor.flowables.children import kill_children
from flowctl.engine.executor.flowables.directories import forget
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import TaskRun


def interrupt(performer: Performer, run: TaskRun, reason: str | None = None) -> None:
    """Have the work or the child execution of a run stopped; its end comes as an event."""
    deadline = run.memo.get("timeout_at")
    late = isinstance(deadline, int) and deadline <= performer.turn.clock()
    why = reason or ("timeout" if late else "kill")
    run.memo["interrupted"] = why
    performer.turn.touch(run)
    performer.stops.append((run.id, why))
    kill_children(performer, run)


def close(performer: Performer, run: TaskRun, state: str) -> None:
    """End an open run without more ado; a result that still comes is dropped."""
    if run.terminal:
        return
    if run.memo.pop("busy", None):
        performer.turn.dropped[run.id] = state
        performer.stops.append((run.id, "closed"))
    performer.turn.move(run, state)
    forget(performer, run)
