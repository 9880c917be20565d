"""How an Approval goes on: pure. The run is PAUSED until it is decided, then RUNNING with what the decision chose."""

from __future__ import annotations

from flowctl.engine.executor.deciding.scopes import Scope, active, next_in_sequence, outcome
from flowctl.engine.executor.deciding.walk import Walk
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.states import SUCCESS

APPROVED, DENIED, EXPIRED = "APPROVED", "DENIED", "EXPIRED"
LISTS = {APPROVED: "onApprove", DENIED: "onDeny"}
"""The list of tasks that belongs to a decision."""


def waiting(walk: Walk, node: Node, run: TaskRun) -> None:
    """Go on with `onWait` while nobody has decided; when the time is over, end."""
    until = run.memo.get("until")
    if isinstance(until, int) and until <= walk.now:
        walk.finish(node, run, SUCCESS)
        return
    if isinstance(until, int):
        walk.decision.wake_at(until)
    nodes = node.lists.get("onWait", ())
    scope = Scope(walk.execution.group(run.id), nodes)
    walk.open_runs(scope.group)
    walk.create(next_in_sequence(scope, nodes), run)


def decided(walk: Walk, node: Node, run: TaskRun) -> None:
    """Do what belongs to the decision, then end. What `onWait` began is let finish."""
    scope = _scope(walk, node, run)
    walk.open_runs(scope.group)
    if scope.group.open:
        return
    reached = outcome(scope)
    if reached is None:
        walk.create(next_in_sequence(scope, active(scope)), run)
    else:
        walk.finish(node, run, reached)


def _scope(walk: Walk, node: Node, run: TaskRun) -> Scope:
    tasks = node.lists.get(LISTS.get(str(run.memo.get("decision")), ""), ())
    finally_ = node.lists.get("finally", ())
    group = walk.execution.group(run.id)
    return Scope(group, tasks, node.lists.get("errors", ()), finally_) if tasks else Scope(group, finally_)
