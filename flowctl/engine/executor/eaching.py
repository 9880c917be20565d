"""ForEach, EachSequential, EachParallel: the items' runs are in the same execution (sheet, section 4.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowctl.engine.executor.definition import Node
from flowctl.engine.executor.records import TaskRun
from flowctl.engine.executor.scopes import (
    Scope,
    active,
    next_in_parallel,
    next_in_sequence,
    outcome,
)
from flowctl.engine.executor.states import CANCELLED, FAILED, KILLED, SUCCESS, WARNING

if TYPE_CHECKING:
    from flowctl.engine.executor.decide import Walk

ORDER = (KILLED, FAILED, CANCELLED, WARNING)


def running_each(walk: Walk, node: Node, run: TaskRun) -> None:
    """Open items within the limit, each going through the children; end as the worst item.

    The memo holds `items` (the values, text), `opened` (how many have runs), `limit` (0: all at once).
    """
    items = run.memo.get("items")
    assert isinstance(items, list)
    before = len(walk.decision.finish) + len(walk.decision.rounds)
    group = walk.execution.group(run.id)
    busy = {child.value for child in group.open.values()}
    walk.open_runs(group)
    if len(walk.decision.finish) + len(walk.decision.rounds) > before:
        return
    if not items or not node.tasks:
        walk.finish(node, run, SUCCESS)
    elif any(child.state == FAILED for child in _recent(group.runs, run)) or run.memo.get("failed"):
        _errors(walk, node, run)
    else:
        _items(walk, node, run, items, busy)


def _recent(runs: list[TaskRun], run: TaskRun) -> list[TaskRun]:
    return runs


def _items(walk: Walk, node: Node, run: TaskRun, items: list[str], busy: set[str | None]) -> None:
    group = walk.execution.group(run.id)
    parallel = node.type.endswith("EachParallel")
    opened = [value for value in items if value in group.by_value]
    going = [value for value in opened if value in busy or not _done(Scope(group, node.tasks, value=value))]
    for value in going:
        scope = Scope(group, node.tasks, value=value)
        step = next_in_parallel(scope, node.tasks, 0) if parallel else next_in_sequence(scope, node.tasks)
        walk.create(step, run, value, items.index(value))
    limit = run.memo.get("limit")
    room = len(items) if not isinstance(limit, int) or limit <= 0 else limit - len(going)
    fresh = items[len(opened) : len(opened) + max(room, 0)]
    for index, value in enumerate(fresh, len(opened)):
        walk.create(node.tasks if parallel else node.tasks[:1], run, value, index)
    if not going and not fresh:
        _close(walk, node, run)


def _done(scope: Scope) -> bool:
    return scope.all_done(scope.tasks)


def _errors(walk: Walk, node: Node, run: TaskRun) -> None:
    scope = Scope(walk.execution.group(run.id), (), node.lists.get("errors", ()), node.lists.get("finally", ()))
    if scope.errors and not scope.all_done(scope.errors):
        walk.create(next_in_sequence(scope, scope.errors), run)
    else:
        _close(walk, node, run)


def _close(walk: Walk, node: Node, run: TaskRun) -> None:
    scope = Scope(walk.execution.group(run.id), (), (), node.lists.get("finally", ()))
    if scope.finally_ and not scope.all_done(scope.finally_):
        walk.create(next_in_sequence(scope, scope.finally_), run)
        return
    names = {child.id for child in node.tasks}
    states = {child.state for child in scope.group.runs if child.task_id in names}
    walk.finish(node, run, next((state for state in ORDER if state in states), SUCCESS))


__all__ = ["active", "outcome", "running_each"]
