"""The functions of section 4.2 of the flow-language sheet: which list is worked on, what comes next, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flowctl.engine.executor.definition import Node
from flowctl.engine.executor.records import Group, TaskRun
from flowctl.engine.executor.states import CANCELLED, FAILED, KILLED, SUCCESS, WARNING

Nodes = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Three lists of tasks and the runs they have so far. `value` names the item inside an each-task."""

    group: Group
    tasks: Nodes
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
        return any(run.state == FAILED for run in self.runs(self.tasks))

    def all_done(self, nodes: Nodes) -> bool:
        """Whether every task of a list has ended."""
        return all((run := self.run(node)) is not None and run.terminal for node in nodes)


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
    if not scope.tasks:
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
    following = 0
    for index in range(len(nodes) - 1, -1, -1):
        run = scope.run(nodes[index])
        if run is not None:
            if not run.terminal:
                return ()
            following = index + 1
            break
    return nodes[following : following + 1]


def next_in_parallel(scope: Scope, nodes: Nodes, limit: int) -> Nodes:
    """Every task without a run, as many as the limit (0: none) leaves room for."""
    waiting = tuple(node for node in nodes if scope.run(node) is None)
    return _within(waiting, limit, sum(not run.terminal for run in scope.runs(nodes)))


def next_in_dag(scope: Scope, nodes: Nodes, depends: dict[str, tuple[str, ...]], limit: int) -> Nodes:
    """Every task without a run whose dependencies have all ended, whatever their end."""
    ended = {run.task_id for run in scope.runs(nodes) if run.terminal}
    ready = tuple(
        node for node in nodes if scope.run(node) is None and all(name in ended for name in depends.get(node.id, ()))
    )
    return _within(ready, limit, sum(not run.terminal for run in scope.runs(nodes)))


def _within(nodes: Nodes, limit: int, busy: int) -> Nodes:
    return nodes if limit <= 0 else nodes[: max(limit - busy, 0)]
