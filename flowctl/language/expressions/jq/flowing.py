"""Steps that say what is evaluated, and how often: pipes, conditions, folds, errors caught, jumps."""

from __future__ import annotations

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.machine import Machine, Steps
from flowctl.language.expressions.jq.patterns import destructured
from flowctl.language.expressions.jq.scopes import Scope
from flowctl.language.expressions.jq.streams import Stream
from flowctl.language.expressions.jq.values import JqError, Path, Value, truthy


class _Break(Exception):  # it carries control, not an error
    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label


def _pipe(machine: Machine, node: tree.Pipe, scope: Scope, path: Path | None, value: Value) -> Stream:
    for here, middle in machine.stream(node.left, scope, path, value):
        yield from machine.stream(node.right, scope, here, middle)


def _comma(machine: Machine, node: tree.Comma, scope: Scope, path: Path | None, value: Value) -> Stream:
    yield from machine.stream(node.left, scope, path, value)
    yield from machine.stream(node.right, scope, path, value)


def _if(machine: Machine, node: tree.If, scope: Scope, path: Path | None, value: Value) -> Stream:
    yield from _branch(machine, node, 0, scope, path, value)


def _branch(machine: Machine, node: tree.If, at: int, scope: Scope, path: Path | None, value: Value) -> Stream:
    if at == len(node.branches):
        yield from machine.stream(node.otherwise, scope, path, value)
        return
    condition, then = node.branches[at]
    for result in machine.values(condition, scope, value):
        if truthy(result):
            yield from machine.stream(then, scope, path, value)
        else:
            yield from _branch(machine, node, at + 1, scope, path, value)


def _try(machine: Machine, node: tree.Try, scope: Scope, path: Path | None, value: Value) -> Stream:
    try:
        yield from machine.stream(node.body, scope, path, value)
    except JqError as error:
        if node.handler is not None:
            yield from machine.stream(node.handler, scope, None, error.value)


def _reduce(machine: Machine, node: tree.Reduce, scope: Scope, path: Path | None, value: Value) -> Stream:
    for state in machine.values(node.start, scope, value):
        for item in machine.values(node.source, scope, value):
            inner = destructured(machine, node.pattern, scope, item)
            state = _last(machine, node.update, inner, state)
        yield None, state


def _foreach(machine: Machine, node: tree.Foreach, scope: Scope, path: Path | None, value: Value) -> Stream:
    for state in machine.values(node.start, scope, value):
        for item in machine.values(node.source, scope, value):
            inner = destructured(machine, node.pattern, scope, item)
            for state in machine.values(node.update, inner, state):  # noqa: B020  # the state goes on
                yield from machine.stream(node.extract, inner, None, state)


def _last(machine: Machine, node: tree.Node, scope: Scope, value: Value) -> Value:
    results = list(machine.values(node, scope, value))
    return results[-1] if results else None


def _label(machine: Machine, node: tree.Label, scope: Scope, path: Path | None, value: Value) -> Stream:
    inner = Scope(scope)
    label = inner.variables["*" + node.name] = object()
    try:
        yield from machine.stream(node.body, inner, path, value)
    except _Break as stop:
        if stop.label is not label:
            raise


def _break(machine: Machine, node: tree.Break, scope: Scope, path: Path | None, value: Value) -> Stream:
    raise _Break(scope.variable("*" + node.name))
    yield  # a stream, although an empty one


STEPS: Steps = {
    tree.Try: _try,
    tree.Pipe: _pipe,
    tree.Comma: _comma,
    tree.If: _if,
    tree.Reduce: _reduce,
    tree.Foreach: _foreach,
    tree.Label: _label,
    tree.Break: _break,
}
