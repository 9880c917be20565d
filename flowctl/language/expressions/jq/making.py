"""Steps that make new values: constants, texts, arrays, objects, operators, assignments."""

from __future__ import annotations

from itertools import chain

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.formats import write_format
from flowctl.language.expressions.jq.machine import Machine, Steps
from flowctl.language.expressions.jq.scopes import Scope
from flowctl.language.expressions.jq.streams import Stream
from flowctl.language.expressions.jq.values import (
    OPERATIONS,
    JqError,
    Path,
    Value,
    delete_paths,
    get_path,
    kind,
    normal,
    set_path,
    shown,
    truthy,
)

ASSIGNMENTS = frozenset({"=", "|=", "+=", "-=", "*=", "/=", "%=", "//="})


def _constant(machine: Machine, node: tree.Constant, scope: Scope, path: Path | None, value: Value) -> Stream:
    yield None, node.value


def _format(machine: Machine, node: tree.Format, scope: Scope, path: Path | None, value: Value) -> Stream:
    for found in machine.product(node.values[::-1], scope, value):
        written = [write_format(node.name, part, machine.run_state) for part in reversed(found)]
        machine.run_state.check_text(sum(map(len, written)) + sum(map(len, node.texts)))
        yield None, "".join(chain.from_iterable(zip(node.texts, [*written, ""], strict=True)))


def _array(machine: Machine, node: tree.Array, scope: Scope, path: Path | None, value: Value) -> Stream:
    items: list[Value] = []
    for item in machine.values(node.body, scope, value) if node.body else ():
        items.append(item)
        machine.run_state.check_items(len(items))
    yield None, items


def _object(machine: Machine, node: tree.Object, scope: Scope, path: Path | None, value: Value) -> Stream:
    flat = tuple(part for entry in node.entries for part in entry)
    for parts in machine.product(flat, scope, value):
        keys = parts[::2]
        for key in keys:
            if not isinstance(key, str):
                raise JqError(f"Object keys must be strings, not {shown(key)}")
        yield None, dict(zip(keys, parts[1::2], strict=True))


def _negate(machine: Machine, node: tree.Negate, scope: Scope, path: Path | None, value: Value) -> Stream:
    for result in machine.values(node.operand, scope, value):
        if kind(result) != "number":
            raise JqError(f"{shown(result)} cannot be negated")
        yield None, normal(-result)


def _binary(machine: Machine, node: tree.Binary, scope: Scope, path: Path | None, value: Value) -> Stream:
    if node.operator == "//":
        yield from _alternative(machine, node, scope, path, value)
    elif node.operator in ("and", "or"):
        yield from _logical(machine, node, scope, value)
    elif node.operator in ASSIGNMENTS:
        yield from _assign(machine, node, scope, value)
    else:
        operation = OPERATIONS[node.operator]
        for right in machine.values(node.right, scope, value):
            for left in machine.values(node.left, scope, value):
                yield None, machine.checked(operation(left, right, machine.run_state.tick))


def _alternative(machine: Machine, node: tree.Binary, scope: Scope, path: Path | None, value: Value) -> Stream:
    found = False
    try:
        for pair in machine.stream(node.left, scope, path, value):
            if truthy(pair[1]):
                found = True
                yield pair
    except JqError:
        pass
    if not found:
        yield from machine.stream(node.right, scope, path, value)


def _logical(machine: Machine, node: tree.Binary, scope: Scope, value: Value) -> Stream:
    decides = node.operator == "or"
    for left in machine.values(node.left, scope, value):
        if truthy(left) is decides:
            yield None, decides
            continue
        for right in machine.values(node.right, scope, value):
            yield None, truthy(right)


def _assign(machine: Machine, node: tree.Binary, scope: Scope, value: Value) -> Stream:
    if node.operator == "|=":
        yield None, _update(machine, node, scope, value)
        return
    for right in machine.values(node.right, scope, value):
        result = value
        for path in list(machine.paths(node.left, scope, value)):
            old = get_path(result, path)
            if node.operator == "=":
                new = right
            elif node.operator == "//=":
                new = old if truthy(old) else right
            else:
                new = OPERATIONS[node.operator[0]](old, right, machine.run_state.tick)
            result = set_path(result, path, machine.checked(new))
        yield None, result


def _update(machine: Machine, node: tree.Binary, scope: Scope, value: Value) -> Value:
    gone: list[Path] = []
    for path in list(machine.paths(node.left, scope, value)):
        for new in machine.values(node.right, scope, get_path(value, path)):
            value = set_path(value, path, new)
            break
        else:
            gone.append(path)
    return delete_paths(value, gone, machine.run_state.tick)


STEPS: Steps = {
    tree.Constant: _constant,
    tree.Format: _format,
    tree.Binary: _binary,
    tree.Negate: _negate,
    tree.Array: _array,
    tree.Object: _object,
}
