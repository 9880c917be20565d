"""Steps about names: variables, patterns, functions and their calls."""

from __future__ import annotations

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.machine import Machine, Steps
from flowctl.language.expressions.jq.natives import NATIVES
from flowctl.language.expressions.jq.patterns import destructured
from flowctl.language.expressions.jq.scopes import Closure, Scope
from flowctl.language.expressions.jq.streams import PATH_FUNCTIONS, Stream
from flowctl.language.expressions.jq.values import JqError, Path, Value


def _variable(machine: Machine, node: tree.Variable, scope: Scope, path: Path | None, value: Value) -> Stream:
    yield None, {} if node.name == "$ENV" else scope.variable(node.name)


def _bind(machine: Machine, node: tree.Bind, scope: Scope, path: Path | None, value: Value) -> Stream:
    for source in machine.values(node.source, scope, value):
        inner = destructured(machine, node.pattern, scope, source)
        yield from machine.stream(node.body, inner, path, value)


def _define(machine: Machine, node: tree.Define, scope: Scope, path: Path | None, value: Value) -> Stream:
    inner = Scope(scope)
    function = node.function
    inner.functions[function.name, len(function.parameters)] = Closure(function, inner)
    yield from machine.stream(node.body, inner, path, value)


def _call(machine: Machine, node: tree.Call, scope: Scope, path: Path | None, value: Value) -> Stream:
    closure = scope.function(node.name, len(node.arguments))
    if closure is not None:
        yield from _called(machine, closure, node, scope, path, value)
    elif (node.name, len(node.arguments)) in PATH_FUNCTIONS:
        yield from PATH_FUNCTIONS[node.name, len(node.arguments)](machine, node, scope, path, value)
    else:
        yield from _native(machine, node, scope, value)


def _called(
    machine: Machine, closure: Closure, node: tree.Call, scope: Scope, path: Path | None, value: Value
) -> Stream:
    function = closure.function
    inner = Scope(closure.scope)
    plain: list[tuple[str, tree.Node]] = []
    for name, argument in zip(function.parameters, node.arguments, strict=True):
        bare = name.removeprefix("$")
        inner.functions[bare, 0] = Closure(tree.Function(bare, (), argument), scope)
        if name != bare:
            plain.append((name, argument))
    yield from _with_values(machine, function.body, inner, plain, scope, path, value)


def _with_values(
    machine: Machine,
    body: tree.Node,
    inner: Scope,
    plain: list[tuple[str, tree.Node]],
    scope: Scope,
    path: Path | None,
    value: Value,
) -> Stream:
    """Calls the body once for every combination of the arguments that are taken by value."""
    if not plain:
        yield from machine.stream(body, inner, path, value)
        return
    (name, argument), rest = plain[0], plain[1:]
    for given in machine.values(argument, scope, value):
        bound = Scope(inner, {name: given})
        yield from _with_values(machine, body, bound, rest, scope, path, value)


def _native(machine: Machine, node: tree.Call, scope: Scope, value: Value) -> Stream:
    native = NATIVES.get((node.name, len(node.arguments)))
    if native is None:
        raise JqError(f"{node.name}/{len(node.arguments)} is not defined")
    for arguments in machine.product(node.arguments, scope, value):
        yield None, machine.checked(native(machine.run_state, value, *arguments))


STEPS: Steps = {
    tree.Bind: _bind,
    tree.Variable: _variable,
    tree.Call: _call,
    tree.Define: _define,
}
