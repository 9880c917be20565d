"""What every decision asks of an execution: which list is worked on, what comes next, how it ended.

They are asked in every turn. What a list of a thousand tasks costs there counts a thousand times, so they look at as
few of the tasks as will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import Group, TaskRun
from flowctl.engine.executor.records.states import CANCELLED, FAILED, KILLED, SUCCESS, WARNING

Nodes = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Three lists of tasks and the runs they have so far. `value` names the item inside an each-task."""

    group: Group
    tasks: Nodes = ()
    errors: Nodes = ()
    finally_: Nodes = ()
    value: str | None = None

    def run(self, node: Node) -> TaskRun | None:
        """The run of a task of this scope."""
        return self.group.latest.get((node.id, self.value))

    def runs(self, nodes: Iterable[Node]) -> Iterator[TaskRun]:
        """The runs that exist of some tasks."""
        for node in nodes:
            run = self.run(node)
            if run is not None:
                yield run

    def any_failed(self) -> bool:
        """Whether a task of the normal list has failed."""
        return self.group.failed > 0 and any(run.state == FAILED for run in self.runs(self.tasks))

    def all_done(self, nodes: Nodes) -> bool:
        """Whether every task of a list has ended: begins with the last one, which mostly ends last."""
        return all((run := self.run(node)) is not None and run.terminal for node in reversed(nodes))


def active(scope: Scope) -> Nodes:
    """The list that is being worked on; empty when nothing more is to be started."""
    if any(scope.run(node) is not None for node in scope.finally_):
        return scope.finally_
    if scope.any_failed() or any(scope.run(node) is not None for node in scope.errors):
        if not scope.errors or scope.all_done(scope.errors):
            return scope.finally_ or scope.errors
        return scope.errors
    if scope.finally_ and scope.all_done(scope.tasks):
        return scope.finally_
    return scope.tasks


def outcome(scope: Scope) -> str | None:
    """The state that the scope has reached, before `allowFailure`; None while it goes on."""
    if not scope.tasks and not scope.finally_:
        return SUCCESS
    current = active(scope)
    if current:
        return guess(scope) if scope.all_done(current) else None
    return guess(scope) if scope.any_failed() else None


def guess(scope: Scope) -> str:
    """The worst state among the runs of the normal list."""
    states = {run.state for run in scope.runs(scope.tasks)}
    for state in (KILLED, FAILED, CANCELLED, WARNING):
        if state in states:
            return state
    return SUCCESS


def next_in_sequence(scope: Scope, nodes: Nodes) -> Nodes:
    """The task after the last one that ended; nothing while one is open."""
    following, latest, value = 0, scope.group.latest, scope.value
    for index in range(len(nodes) - 1, -1, -1):
        run = latest.get((nodes[index].id, value))
        if run is not None:
            if not run.terminal:
                return ()
            following = index + 1
            break
    return nodes[following : following + 1]


def next_in_parallel(scope: Scope, nodes: Nodes, limit: int) -> Nodes:
    """Every task without a run, as many as the limit (0: none) leaves room for."""
    room = _room(scope, nodes, limit)
    latest, value = scope.group.latest, scope.value
    return tuple(islice((node for node in nodes if (node.id, value) not in latest), room)) if room else ()


def next_in_dag(scope: Scope, nodes: Nodes, depends: Mapping[str, tuple[str, ...]], limit: int) -> Nodes:
    """Every task without a run whose dependencies have all ended, whatever their end."""
    room = _room(scope, nodes, limit)
    latest, value = scope.group.latest, scope.value

    def ended(name: str) -> bool:
        run = latest.get((name, value))
        return run is not None and run.terminal

    ready = (n for n in nodes if (n.id, value) not in latest and all(ended(name) for name in depends.get(n.id, ())))
    return tuple(islice(ready, room)) if room else ()


def _room(scope: Scope, nodes: Nodes, limit: int) -> int:
    """How many tasks of a list may be started, with at most `limit` (0: any number) open at once."""
    if limit <= 0:
        return len(nodes)
    names = {node.id for node in nodes}
    busy = sum(run.task_id in names and run.item == scope.value for run in scope.group.open.values())
    return max(limit - busy, 0)
