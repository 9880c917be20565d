"""Functions of jq that make streams or paths, or that see their arguments as programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.scopes import Scope
from flowctl.language.expressions.jq.values import JqError, Path, Value, get_path, kind
from flowctl.language.expressions.running import Run

Pair = tuple[Path | None, Value]
Stream = Iterator[Pair]


class Machine(Protocol):
    """What these functions need of whoever evaluates them."""

    run_state: Run

    def values(self, node: tree.Node, scope: Scope, value: Value) -> Iterator[Value]: ...

    def paths(self, node: tree.Node, scope: Scope, value: Value) -> Iterator[Path]: ...

    def product(self, nodes: tuple[tree.Node, ...], scope: Scope, value: Value) -> Iterator[list[Value]]: ...


def _empty(m: Machine, node: tree.Call, scope: Scope, path: Path | None, value: Value) -> Stream:
    return iter(())


def _path(m: Machine, node: tree.Call, scope: Scope, path: Path | None, value: Value) -> Stream:
    for found in m.paths(node.arguments[0], scope, value):
        yield None, list(found)


def _getpath(m: Machine, node: tree.Call, scope: Scope, path: Path | None, value: Value) -> Stream:
    for wanted in m.values(node.arguments[0], scope, value):
        steps = tuple(wanted) if isinstance(wanted, list) else ()
        yield None if path is None else (*path, *steps), get_path(value, steps)


def _range(m: Machine, node: tree.Call, scope: Scope, path: Path | None, value: Value) -> Stream:
    for arguments in m.product(node.arguments, scope, value):
        if any(kind(a) != "number" for a in arguments):
            raise JqError("Range bounds must be numeric")
        start, end, step = (0, arguments[0], 1) if len(arguments) == 1 else (*arguments, 1)[:3]
        while (start < end) if step > 0 else (start > end and step < 0):
            m.run_state.tick()
            yield None, start
            start += step


PATH_FUNCTIONS: dict[tuple[str, int], Callable[..., Stream]] = {
    ("empty", 0): _empty,
    ("path", 1): _path,
    ("getpath", 1): _getpath,
    ("range", 1): _range,
    ("range", 2): _range,
    ("range", 3): _range,
}
