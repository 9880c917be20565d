"""Strongly connected components and levels of a dependency graph, without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

Node = TypeVar("Node")


def components(nodes: Iterable[Node], needs: Mapping[Node, Sequence[Node]]) -> list[list[Node]]:
    """The strongly connected components, whatever is needed before what needs it (Tarjan's algorithm).

    `needs` names for each node the nodes it needs; a node that it leaves out needs none.
    """
    search = _Search(needs)
    for node in nodes:
        if node not in search.order:
            search.visit(node)
    return search.components


class _Search(Generic[Node]):
    def __init__(self, needs: Mapping[Node, Sequence[Node]]) -> None:
        self.needs = needs
        self.order: dict[Node, int] = {}
        self.low: dict[Node, int] = {}
        self.open: list[Node] = []
        self.on_stack: set[Node] = set()
        self.components: list[list[Node]] = []

    def visit(self, root: Node) -> None:
        """Everything reachable from a node, with a stack of our own: a chain of calls may be thousands long."""
        work: list[tuple[Node, Iterator[Node]]] = [self._enter(root)]
        while work:
            node, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                self._leave(node, work[-1][0] if work else None)
            elif following not in self.order:
                work.append(self._enter(following))
            elif following in self.on_stack:
                self.low[node] = min(self.low[node], self.order[following])

    def _enter(self, node: Node) -> tuple[Node, Iterator[Node]]:
        self.order[node] = self.low[node] = len(self.order)
        self.open.append(node)
        self.on_stack.add(node)
        return node, iter(self.needs.get(node, ()))

    def _leave(self, node: Node, parent: Node | None) -> None:
        if parent is not None:
            self.low[parent] = min(self.low[parent], self.low[node])
        if self.low[node] == self.order[node]:
            component = [self.open.pop()]
            while component[-1] != node:
                component.append(self.open.pop())
            self.on_stack.difference_update(component)
            self.components.append(component)


def levels(parts: Sequence[Sequence[Node]], needs: Mapping[Node, Sequence[Node]], start: int = 0) -> dict[Node, int]:
    """A level per node, one above the highest that it needs; nodes of a cycle share one.

    `parts` as `components` gives them. Needed nodes that are in no part are left out of account.
    """
    result: dict[Node, int] = {}
    for part in parts:
        outside = [result[need] for node in part for need in needs.get(node, ()) if need in result]
        level = max(outside, default=start - 1) + 1
        result.update((node, level) for node in part)
    return result
