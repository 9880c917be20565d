"""How a run of each shape goes on while it is RUNNING or PAUSED: pure, one function per shape."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.engine.executor.deciding import approvals
from flowctl.engine.executor.deciding.eaching import running_each
from flowctl.engine.executor.deciding.looping import running_loop
from flowctl.engine.executor.deciding.scopes import (
    Scope,
    active,
    next_in_dag,
    next_in_parallel,
    next_in_sequence,
    outcome,
)
from flowctl.engine.executor.deciding.walk import Walk
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun, working
from flowctl.engine.executor.records.states import CANCELLED, FAILED, RUNNING, SUBMITTED, SUCCESS, WARNING

PAUSE_ENDS = {"RESUME": SUCCESS, "WARN": WARNING, "FAIL": FAILED, "CANCEL": CANCELLED}
"""The state of a Pause whose time is over, by its `behavior`."""


def running(walk: Walk, node: Node, run: TaskRun) -> None:
    """Go on with a run that is RUNNING (or SUBMITTED)."""
    _RUNNING.get(node.shape, _wait)(walk, node, run)


def paused(walk: Walk, node: Node, run: TaskRun) -> None:
    """Go on with a run that is PAUSED: only time moves it."""
    if node.shape == "approval":
        approvals.waiting(walk, node, run)
        return
    until, deadline = run.memo.get("until"), run.memo.get("timeout_at")
    if isinstance(deadline, int) and deadline <= walk.now:
        walk.decision.finish.append((run, WARNING if node.allow_failure else FAILED))
    elif isinstance(until, int) and until <= walk.now:
        if node.shape == "until":
            walk.decision.rounds.append(run)
        else:
            walk.decision.finish.append((run, PAUSE_ENDS[str(run.memo.get("behavior", "RESUME"))]))
    else:
        for when in (until, deadline):
            if isinstance(when, int):
                walk.decision.wake_at(when)


def held(walk: Walk) -> None:
    """What time does to the work that runs in an execution that is held: a Sleep ends, a time limit is over. Nothing
    begins."""
    for run in walk.execution.runs.values():
        node = walk.definition.nodes.get(run.task_id)
        if node is not None and run.state in (RUNNING, SUBMITTED) and node.shape not in _MEMBERS:
            running(walk, node, run)


def _wait(walk: Walk, node: Node, run: TaskRun) -> None:
    """A plugin's task or a child execution: an event will come; a time limit may come first."""
    deadline = run.memo.get("timeout_at")
    if isinstance(deadline, int) and not run.memo.get("interrupted"):
        if deadline <= walk.now:
            walk.decision.interrupt.append(run)
        else:
            walk.decision.wake_at(deadline)


def _sleep(walk: Walk, node: Node, run: TaskRun) -> None:
    until = run.memo.get("until")
    deadline = run.memo.get("timeout_at")
    assert isinstance(until, int)
    if until <= walk.now:
        walk.decision.finish.append((run, SUCCESS))
    elif isinstance(deadline, int) and deadline <= walk.now:
        walk.decision.finish.append((run, FAILED))
    else:
        walk.decision.wake_at(until if not isinstance(deadline, int) else min(until, deadline))


def scope_of(walk: Walk, node: Node, run: TaskRun) -> Scope:
    """The lists a group works on; an If's and Switch's by the branch it took."""
    group = walk.execution.group(run.id)
    errors, finally_ = node.lists.get("errors", ()), node.lists.get("finally", ())
    if node.shape not in ("if", "switch"):
        return Scope(group, node.tasks, errors, finally_)
    tasks = _branch(node, run)
    return Scope(group) if tasks is None else Scope(group, tasks, errors, finally_)


def _branch(node: Node, run: TaskRun) -> tuple[Node, ...] | None:
    """The tasks of the branch that an If or Switch took; None when the flow has no such branch."""
    branch = run.memo.get("branch")
    if node.shape == "if":
        return node.lists.get("then" if branch else "else")
    return node.cases.get(branch) if isinstance(branch, str) else node.lists.get("defaults")


def _sequential(walk: Walk, node: Node, run: TaskRun) -> None:
    scope = scope_of(walk, node, run)
    if _descend(walk, node, run, scope):
        walk.create(next_in_sequence(scope, active(scope)), run, iteration=_round(node, run))


def _directory(walk: Walk, node: Node, run: TaskRun) -> None:
    """Its tasks one after the other, but for the times in which a worker writes or keeps its files."""
    if not working(run):
        _sequential(walk, node, run)


def _parallel(walk: Walk, node: Node, run: TaskRun) -> None:
    scope = scope_of(walk, node, run)
    if _descend(walk, node, run, scope):
        walk.create(next_in_parallel(scope, active(scope), _limit(run)), run)


def _dag(walk: Walk, node: Node, run: TaskRun) -> None:
    scope = scope_of(walk, node, run)
    if not _descend(walk, node, run, scope):
        return
    nodes = active(scope)
    if nodes is scope.tasks:
        walk.create(next_in_dag(scope, nodes, node.depends, _limit(run)), run)
    else:
        walk.create(next_in_parallel(scope, nodes, _limit(run)), run)


def _until(walk: Walk, node: Node, run: TaskRun) -> None:
    scope = scope_of(walk, node, run)
    walk.open_runs(scope.group)
    if walk.decision.finish or scope.group.open:
        return
    if outcome(scope) is not None:
        walk.decision.rounds.append(run)
    else:
        walk.create(next_in_sequence(scope, active(scope)), run, iteration=_round(node, run))


def _descend(walk: Walk, node: Node, run: TaskRun, scope: Scope) -> bool:
    """Look at the children. Returns whether new ones may be created; ends the group when it has reached its end."""
    before = len(walk.decision.finish) + len(walk.decision.rounds)
    again = walk.retries_below(scope.group)
    if len(walk.decision.finish) + len(walk.decision.rounds) > before:
        return False
    if again and scope.any_failed():  # the retry is made first (seen on a real 2.0)
        return False
    reached = outcome(scope)
    if reached is not None and not _let_finish(walk, node, scope, reached):
        walk.finish(node, run, reached)
    return reached is None


def _let_finish(walk: Walk, node: Node, scope: Scope, reached: str) -> bool:
    """What a group's `onChildFailure` does with the children that still run; True when they are to be waited for."""
    wish = node.properties.get("onChildFailure")
    if reached != FAILED or not scope.group.open:
        return False
    if wish == CANCELLED:
        for child in list(scope.group.open.values()):
            walk.close(child, CANCELLED)
    return wish == "CONTINUE"


def _round(node: Node, run: TaskRun) -> int | None:
    return (run.iteration or 0) if node.shape == "until" else None


def _limit(run: TaskRun) -> int:
    limit = run.memo.get("concurrent")
    return limit if isinstance(limit, int) else 0


_RUNNING: dict[str, Callable[[Walk, Node, TaskRun], None]] = {
    "sequential": _sequential,
    "items": _sequential,
    "items_items": running_loop,
    "if": _sequential,
    "switch": _sequential,
    "directory": _directory,
    "pause": _sequential,
    "approval": approvals.decided,
    "parallel": _parallel,
    "dag": _dag,
    "until": _until,
    "loop": running_loop,
    "each": running_each,
    "sleep": _sleep,
}
_MEMBERS = frozenset(_RUNNING) - {"sleep"}
"""The shapes that go on by what is in them, or by the executions that they have started."""
