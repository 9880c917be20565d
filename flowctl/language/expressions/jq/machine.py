"""What evaluates a jq tree, node by node: every node turns a value into a stream of values.

A step yields pairs of a path and a value; the path is None where paths are not followed. One machine belongs to one
rendering and counts its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.scopes import Scope
from flowctl.language.expressions.jq.streams import Stream
from flowctl.language.expressions.jq.values import JqError, Path, Value, shown
from flowctl.language.expressions.running import Run

Steps: TypeAlias = Mapping[type, Callable[..., Stream]]
"""What each kind of node does: (machine, node, scope, path, value) to a stream."""


class Machine:
    """Evaluates nodes for one rendering, as `steps` say."""

    def __init__(self, run: Run, steps: Steps) -> None:
        self.run_state = run
        self._steps = steps

    def stream(self, node: tree.Node, scope: Scope, path: Path | None, value: Value) -> Stream:
        """What a node makes of a value, with paths when `path` is one."""
        self.run_state.tick()
        return self._steps[type(node)](self, node, scope, path, value)

    def values(self, node: tree.Node, scope: Scope, value: Value) -> Iterator[Value]:
        """What a node makes of a value."""
        for _, result in self.stream(node, scope, None, value):
            yield result

    def paths(self, node: tree.Node, scope: Scope, value: Value) -> Iterator[Path]:
        """The paths that a node selects."""
        for path, result in self.stream(node, scope, (), value):
            if path is None:
                raise JqError(f"Invalid path expression with result {shown(result)}")
            yield path

    def product(self, nodes: tuple[tree.Node, ...], scope: Scope, value: Value) -> Iterator[list[Value]]:
        """Every combination of what the nodes make of a value."""
        if not nodes:
            yield []
            return
        for first in self.values(nodes[0], scope, value):
            for rest in self.product(nodes[1:], scope, value):
                yield [first, *rest]

    def checked(self, value: Value) -> Value:
        """The value, unless it is larger than a rendering may make it."""
        if isinstance(value, str):
            self.run_state.check_text(len(value))
        elif isinstance(value, list):
            self.run_state.check_items(len(value))
        elif isinstance(value, int) and value.bit_length() > 1100:
            return float("inf")
        return value
