"""Steps that select parts of a value, and so have paths."""

from __future__ import annotations

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.machine import Machine, Steps
from flowctl.language.expressions.jq.scopes import Scope
from flowctl.language.expressions.jq.streams import Pair, Stream
from flowctl.language.expressions.jq.values import JqError, Path, Value, index, shown


def _identity(machine: Machine, node: tree.Identity, scope: Scope, path: Path | None, value: Value) -> Stream:
    yield path, value


def _recurse_all(machine: Machine, node: tree.RecurseAll, scope: Scope, path: Path | None, value: Value) -> Stream:
    waiting: list[Pair] = [(path, value)]
    while waiting:
        machine.run_state.tick()
        here, item = waiting.pop()
        yield here, item
        waiting += reversed(list(_children(here, item)) if isinstance(item, list | dict) else [])


def _index(machine: Machine, node: tree.Index, scope: Scope, path: Path | None, value: Value) -> Stream:
    for here, target in machine.stream(node.target, scope, path, value):
        for key in machine.values(node.key, scope, value):
            yield from _place(here, target, key, node.optional)


def _slice(machine: Machine, node: tree.Slice, scope: Scope, path: Path | None, value: Value) -> Stream:
    starts = [None] if node.start is None else list(machine.values(node.start, scope, value))
    ends = [None] if node.end is None else list(machine.values(node.end, scope, value))
    for here, target in machine.stream(node.target, scope, path, value):
        for start in starts:
            for end in ends:
                yield from _place(here, target, {"start": start, "end": end}, node.optional)


def _iterate(machine: Machine, node: tree.Iterate, scope: Scope, path: Path | None, value: Value) -> Stream:
    for here, target in machine.stream(node.target, scope, path, value):
        if not isinstance(target, list | dict):
            if node.optional:
                continue
            raise JqError(f"Cannot iterate over {shown(target) if target is not None else 'null'}")
        for pair in _children(here, target):
            machine.run_state.tick()
            yield pair


def _place(here: Path | None, target: Value, key: Value, optional: bool) -> Stream:
    """What stands under a key, with its path; nothing for a key that does not fit when that is `optional`."""
    try:
        found = index(target, key)
    except JqError:
        if optional:
            return
        raise
    yield None if here is None else (*here, key), found


def _children(path: Path | None, value: Value) -> Stream:
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    for key, item in pairs:
        yield None if path is None else (*path, key), item


STEPS: Steps = {
    tree.Identity: _identity,
    tree.RecurseAll: _recurse_all,
    tree.Index: _index,
    tree.Slice: _slice,
    tree.Iterate: _iterate,
}
