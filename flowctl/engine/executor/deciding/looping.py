"""Loop: every item is an execution of its own."""

from __future__ import annotations

from flowctl.engine.executor.deciding.walk import Walk
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun, working
from flowctl.engine.executor.records.states import FAILED, SUCCESS, tolerate


def number(run: TaskRun, name: str) -> int:
    """A counter of the run's memo."""
    value = run.memo.get(name)
    return value if isinstance(value, int) else 0


def attempt_began(run: TaskRun) -> int:
    """When the last attempt of the run was made, in microseconds; iterations older than that were given up."""
    return run.attempts[-1].history[0][1] if run.attempts else 0


def running_loop(walk: Walk, node: Node, run: TaskRun) -> None:
    """Start iterations within the limit; end when all have ended, or at the first that failed.

    The memo counts: `count` items, `started`, `ended` well, `failed`; `limit` may run at once (0: all).
    """
    count, started = number(run, "count"), number(run, "started")
    ended, failed = number(run, "ended"), number(run, "failed")
    broken = failed > 0 and run.memo.get("transmit") is not False
    over = run.memo.get("broke") is True and ended + failed >= started
    if broken or run.memo.get("unsound"):
        _end(walk, node, run, FAILED)
    elif over or ended + failed >= count:
        _end(walk, node, run, SUCCESS)
    elif not run.memo.get("broke"):
        room = count if (limit := number(run, "limit")) <= 0 else limit - (started - ended - failed)
        walk.decision.spawn.extend((run, index) for index in range(started, min(count, started + max(room, 0))))


def _end(walk: Walk, node: Node, run: TaskRun, reached: str) -> None:
    if working(run):
        walk.decision.interrupt.append(run)
    walk.decision.finish.append((run, tolerate(reached, node.allow_failure, node.allow_warning)))
