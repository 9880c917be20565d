"""ForEach, EachSequential, EachParallel: the items' runs are in the same execution."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.engine.executor.deciding.scopes import Scope, next_in_parallel, next_in_sequence
from flowctl.engine.executor.deciding.walk import Walk
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import Group, TaskRun
from flowctl.engine.executor.records.states import CANCELLED, FAILED, KILLED, SUCCESS, WARNING

ORDER = (KILLED, FAILED, CANCELLED, WARNING)


def running_each(walk: Walk, node: Node, run: TaskRun) -> None:
    """Open items within the limit, each going through the children; end as the worst item.

    The memo holds `items` (the values, text) and `limit` (0: all at once).
    """
    items = run.memo.get("items")
    assert isinstance(items, list)
    before = len(walk.decision.finish) + len(walk.decision.rounds)
    group = walk.execution.group(run.id)
    walk.open_runs(group)
    if len(walk.decision.finish) + len(walk.decision.rounds) > before:
        return
    if not items or not node.tasks:
        walk.finish(node, run, SUCCESS)
    elif group.failed and any(child.state == FAILED for child in _items_runs(node, group)):
        _errors(walk, node, run, group)
    else:
        _items(walk, node, run, items, group)


def _items(walk: Walk, node: Node, run: TaskRun, items: list[str], group: Group) -> None:
    parallel = node.type.endswith("EachParallel")
    for value in _waiting(node, group):
        scope = Scope(group, node.tasks, value=value)
        step = next_in_parallel(scope, node.tasks, 0) if parallel else next_in_sequence(scope, node.tasks)
        walk.create(step, run, value, group.by_value[value][0].iteration)
    going = len(group.pending)
    opened = len(group.by_value) - (None in group.by_value)
    limit = run.memo.get("limit")
    room = len(items) if not isinstance(limit, int) or limit <= 0 else limit - going
    fresh = items[opened : opened + max(room, 0)]
    for index, value in enumerate(fresh, opened):
        walk.create(node.tasks if parallel else node.tasks[:1], run, value, index)
    if not going and not fresh:
        _close(walk, node, run, group)


def _waiting(node: Node, group: Group) -> list[str]:
    """The opened values whose next task may come. What is done with is remembered, so that it costs once; a value
    with an open run costs nothing."""
    done = [value for value in group.idle if Scope(group, node.tasks, value=value).all_done(node.tasks)]
    for value in done:
        del group.pending[value], group.idle[value]
    return list(group.idle)


def _errors(walk: Walk, node: Node, run: TaskRun, group: Group) -> None:
    errors = node.lists.get("errors", ())
    scope = Scope(group, (), errors)
    if errors and not scope.all_done(errors):
        walk.create(next_in_sequence(scope, errors), run)
    else:
        _close(walk, node, run, group)


def _close(walk: Walk, node: Node, run: TaskRun, group: Group) -> None:
    finally_ = node.lists.get("finally", ())
    scope = Scope(group, (), (), finally_)
    if finally_ and not scope.all_done(finally_):
        walk.create(next_in_sequence(scope, finally_), run)
        return
    states = {child.state for child in _items_runs(node, group)}
    walk.finish(node, run, next((state for state in ORDER if state in states), SUCCESS))


def _items_runs(node: Node, group: Group) -> Iterator[TaskRun]:
    """The runs of the items, those of `errors` and `finally` left out."""
    names = {child.id for child in node.tasks}
    return (child for child in group.runs if child.task_id in names)
