"""Running a jq tree: every node turns a value into a stream of values.

`_Machine.run` yields pairs of a path and a value; the path is None where paths are not followed. One machine belongs
to one rendering and counts its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain

from flowctl.language.expressions.jq import tree
from flowctl.language.expressions.jq.formats import write_format
from flowctl.language.expressions.jq.library import LIBRARY
from flowctl.language.expressions.jq.natives import NATIVES
from flowctl.language.expressions.jq.parser import parse
from flowctl.language.expressions.jq.scopes import Closure, Scope
from flowctl.language.expressions.jq.streams import PATH_FUNCTIONS, Pair, Stream
from flowctl.language.expressions.jq.values import (
    OPERATIONS,
    JqError,
    Path,
    Value,
    delete_paths,
    get_path,
    index,
    kind,
    normal,
    set_path,
    shown,
    truthy,
)
from flowctl.language.expressions.running import Run

ASSIGNMENTS = frozenset({"=", "|=", "+=", "-=", "*=", "/=", "%=", "//="})


def _place(here: Path | None, target: Value, key: Value, optional: bool) -> Stream:
    """What stands under a key, with its path; nothing for a key that does not fit when that is `optional`."""
    try:
        found = index(target, key)
    except JqError:
        if optional:
            return
        raise
    yield None if here is None else (*here, key), found


class _Break(Exception):  # it carries control, not an error
    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label


@lru_cache(maxsize=256)
def compiled(program: str) -> tree.Node:
    """The tree of a program, remembered."""
    return parse(program)


@lru_cache(maxsize=1)
def _library() -> dict[tuple[str, int], tree.Function]:
    functions = {}
    node = parse(LIBRARY)
    while isinstance(node, tree.Define):
        functions[node.function.name, len(node.function.parameters)] = node.function
        node = node.body
    return functions


def run_program(run: Run, program: str, value: Value) -> list[Value]:
    """All results of a program. Raises ExpressionError; a JqError that the program does not catch is one."""
    root = Scope()
    root.functions = {name: Closure(function, root) for name, function in _library().items()}
    results: list[Value] = []
    machine = Machine(run)
    for result in machine.values(compiled(program), root, value):
        results.append(result)
        run.check_items(len(results))
    return results


class Machine:
    """Evaluates nodes for one rendering."""

    def __init__(self, run: Run) -> None:
        self.run_state = run
        self.nodes: dict[type, Callable[..., Stream]] = {
            tree.Identity: self._identity,
            tree.RecurseAll: self._recurse_all,
            tree.Constant: self._constant,
            tree.Format: self._format,
            tree.Index: self._index,
            tree.Slice: self._slice,
            tree.Iterate: self._iterate,
            tree.Try: self._try,
            tree.Pipe: self._pipe,
            tree.Comma: self._comma,
            tree.Binary: self._binary,
            tree.Negate: self._negate,
            tree.Array: self._array,
            tree.Object: self._object,
            tree.If: self._if,
            tree.Bind: self._bind,
            tree.Reduce: self._reduce,
            tree.Foreach: self._foreach,
            tree.Variable: self._variable,
            tree.Call: self._call,
            tree.Define: self._define,
            tree.Label: self._label,
            tree.Break: self._break,
        }

    def stream(self, node: tree.Node, scope: Scope, path: Path | None, value: Value) -> Stream:
        """What a node makes of a value, with paths when `path` is one."""
        self.run_state.tick()
        return self.nodes[type(node)](node, scope, path, value)

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

    def _identity(self, node: tree.Identity, scope: Scope, path: Path | None, value: Value) -> Stream:
        yield path, value

    def _recurse_all(self, node: tree.RecurseAll, scope: Scope, path: Path | None, value: Value) -> Stream:
        waiting: list[Pair] = [(path, value)]
        while waiting:
            self.run_state.tick()
            here, item = waiting.pop()
            yield here, item
            waiting += reversed(list(_children(here, item)) if isinstance(item, list | dict) else [])

    def _constant(self, node: tree.Constant, scope: Scope, path: Path | None, value: Value) -> Stream:
        yield None, node.value

    def _format(self, node: tree.Format, scope: Scope, path: Path | None, value: Value) -> Stream:
        for found in self.product(node.values[::-1], scope, value):
            written = [write_format(node.name, part, self.run_state) for part in reversed(found)]
            self.run_state.check_text(sum(map(len, written)) + sum(map(len, node.texts)))
            yield None, "".join(chain.from_iterable(zip(node.texts, [*written, ""], strict=True)))

    def product(self, nodes: tuple[tree.Node, ...], scope: Scope, value: Value) -> Iterator[list[Value]]:
        """Every combination of what the nodes make of a value."""
        if not nodes:
            yield []
            return
        for first in self.values(nodes[0], scope, value):
            for rest in self.product(nodes[1:], scope, value):
                yield [first, *rest]

    def _index(self, node: tree.Index, scope: Scope, path: Path | None, value: Value) -> Stream:
        for here, target in self.stream(node.target, scope, path, value):
            for key in self.values(node.key, scope, value):
                yield from _place(here, target, key, node.optional)

    def _slice(self, node: tree.Slice, scope: Scope, path: Path | None, value: Value) -> Stream:
        starts = [None] if node.start is None else list(self.values(node.start, scope, value))
        ends = [None] if node.end is None else list(self.values(node.end, scope, value))
        for here, target in self.stream(node.target, scope, path, value):
            for start in starts:
                for end in ends:
                    yield from _place(here, target, {"start": start, "end": end}, node.optional)

    def _iterate(self, node: tree.Iterate, scope: Scope, path: Path | None, value: Value) -> Stream:
        for here, target in self.stream(node.target, scope, path, value):
            if not isinstance(target, list | dict):
                if node.optional:
                    continue
                raise JqError(f"Cannot iterate over {shown(target) if target is not None else 'null'}")
            for pair in _children(here, target):
                self.run_state.tick()
                yield pair

    def _try(self, node: tree.Try, scope: Scope, path: Path | None, value: Value) -> Stream:
        try:
            yield from self.stream(node.body, scope, path, value)
        except JqError as error:
            if node.handler is not None:
                yield from self.stream(node.handler, scope, None, error.value)

    def _pipe(self, node: tree.Pipe, scope: Scope, path: Path | None, value: Value) -> Stream:
        for here, middle in self.stream(node.left, scope, path, value):
            yield from self.stream(node.right, scope, here, middle)

    def _comma(self, node: tree.Comma, scope: Scope, path: Path | None, value: Value) -> Stream:
        yield from self.stream(node.left, scope, path, value)
        yield from self.stream(node.right, scope, path, value)

    def _binary(self, node: tree.Binary, scope: Scope, path: Path | None, value: Value) -> Stream:
        if node.operator == "//":
            yield from self._alternative(node, scope, path, value)
        elif node.operator in ("and", "or"):
            yield from self._logical(node, scope, value)
        elif node.operator in ASSIGNMENTS:
            yield from self._assign(node, scope, value)
        else:
            operation = OPERATIONS[node.operator]
            for right in self.values(node.right, scope, value):
                for left in self.values(node.left, scope, value):
                    yield None, self._checked(operation(left, right, self.run_state.tick))

    def _checked(self, value: Value) -> Value:
        if isinstance(value, str):
            self.run_state.check_text(len(value))
        elif isinstance(value, list):
            self.run_state.check_items(len(value))
        elif isinstance(value, int) and value.bit_length() > 1100:
            return float("inf")
        return value

    def _alternative(self, node: tree.Binary, scope: Scope, path: Path | None, value: Value) -> Stream:
        found = False
        try:
            for pair in self.stream(node.left, scope, path, value):
                if truthy(pair[1]):
                    found = True
                    yield pair
        except JqError:
            pass
        if not found:
            yield from self.stream(node.right, scope, path, value)

    def _logical(self, node: tree.Binary, scope: Scope, value: Value) -> Stream:
        decides = node.operator == "or"
        for left in self.values(node.left, scope, value):
            if truthy(left) is decides:
                yield None, decides
                continue
            for right in self.values(node.right, scope, value):
                yield None, truthy(right)

    def _assign(self, node: tree.Binary, scope: Scope, value: Value) -> Stream:
        if node.operator == "|=":
            yield None, self._update(node, scope, value)
            return
        for right in self.values(node.right, scope, value):
            result = value
            for path in list(self.paths(node.left, scope, value)):
                old = get_path(result, path)
                if node.operator == "=":
                    new = right
                elif node.operator == "//=":
                    new = old if truthy(old) else right
                else:
                    new = OPERATIONS[node.operator[0]](old, right, self.run_state.tick)
                result = set_path(result, path, self._checked(new))
            yield None, result

    def _update(self, node: tree.Binary, scope: Scope, value: Value) -> Value:
        gone: list[Path] = []
        for path in list(self.paths(node.left, scope, value)):
            for new in self.values(node.right, scope, get_path(value, path)):
                value = set_path(value, path, new)
                break
            else:
                gone.append(path)
        return delete_paths(value, gone, self.run_state.tick)

    def _negate(self, node: tree.Negate, scope: Scope, path: Path | None, value: Value) -> Stream:
        for result in self.values(node.operand, scope, value):
            if kind(result) != "number":
                raise JqError(f"{shown(result)} cannot be negated")
            yield None, normal(-result)

    def _array(self, node: tree.Array, scope: Scope, path: Path | None, value: Value) -> Stream:
        items: list[Value] = []
        for item in self.values(node.body, scope, value) if node.body else ():
            items.append(item)
            self.run_state.check_items(len(items))
        yield None, items

    def _object(self, node: tree.Object, scope: Scope, path: Path | None, value: Value) -> Stream:
        flat = tuple(part for entry in node.entries for part in entry)
        for parts in self.product(flat, scope, value):
            keys = parts[::2]
            for key in keys:
                if not isinstance(key, str):
                    raise JqError(f"Object keys must be strings, not {shown(key)}")
            yield None, dict(zip(keys, parts[1::2], strict=True))

    def _if(self, node: tree.If, scope: Scope, path: Path | None, value: Value) -> Stream:
        yield from self._branch(node, 0, scope, path, value)

    def _branch(self, node: tree.If, at: int, scope: Scope, path: Path | None, value: Value) -> Stream:
        if at == len(node.branches):
            yield from self.stream(node.otherwise, scope, path, value)
            return
        condition, then = node.branches[at]
        for result in self.values(condition, scope, value):
            if truthy(result):
                yield from self.stream(then, scope, path, value)
            else:
                yield from self._branch(node, at + 1, scope, path, value)

    def _bind(self, node: tree.Bind, scope: Scope, path: Path | None, value: Value) -> Stream:
        for source in self.values(node.source, scope, value):
            inner = self._destructured(node.pattern, scope, source)
            yield from self.stream(node.body, inner, path, value)

    def _destructured(self, pattern: tree.Pattern, scope: Scope, value: Value) -> Scope:
        inner = Scope(scope)
        self._match(pattern, inner, value)
        return inner

    def _match(self, pattern: tree.Pattern, scope: Scope, value: Value) -> None:
        if pattern.name:
            scope.variables[pattern.name] = value
        for position, item in enumerate(pattern.items):
            self._match(item, scope, index(value, position))
        for key_node, item in pattern.entries:
            for key in self.values(key_node, scope, value):
                self._match(item, scope, index(value, key))

    def _reduce(self, node: tree.Reduce, scope: Scope, path: Path | None, value: Value) -> Stream:
        for state in self.values(node.start, scope, value):
            for item in self.values(node.source, scope, value):
                inner = self._destructured(node.pattern, scope, item)
                state = self._last(node.update, inner, state)
            yield None, state

    def _last(self, node: tree.Node, scope: Scope, value: Value) -> Value:
        results = list(self.values(node, scope, value))
        return results[-1] if results else None

    def _foreach(self, node: tree.Foreach, scope: Scope, path: Path | None, value: Value) -> Stream:
        for state in self.values(node.start, scope, value):
            for item in self.values(node.source, scope, value):
                inner = self._destructured(node.pattern, scope, item)
                for state in self.values(node.update, inner, state):  # noqa: B020  # the state goes on
                    yield from self.stream(node.extract, inner, None, state)

    def _variable(self, node: tree.Variable, scope: Scope, path: Path | None, value: Value) -> Stream:
        yield None, {} if node.name == "$ENV" else scope.variable(node.name)

    def _define(self, node: tree.Define, scope: Scope, path: Path | None, value: Value) -> Stream:
        inner = Scope(scope)
        function = node.function
        inner.functions[function.name, len(function.parameters)] = Closure(function, inner)
        yield from self.stream(node.body, inner, path, value)

    def _label(self, node: tree.Label, scope: Scope, path: Path | None, value: Value) -> Stream:
        inner = Scope(scope)
        label = inner.variables["*" + node.name] = object()
        try:
            yield from self.stream(node.body, inner, path, value)
        except _Break as stop:
            if stop.label is not label:
                raise

    def _break(self, node: tree.Break, scope: Scope, path: Path | None, value: Value) -> Stream:
        raise _Break(scope.variable("*" + node.name))
        yield  # a stream, although an empty one

    def _call(self, node: tree.Call, scope: Scope, path: Path | None, value: Value) -> Stream:
        closure = scope.function(node.name, len(node.arguments))
        if closure is not None:
            yield from self._called(closure, node, scope, path, value)
        elif (node.name, len(node.arguments)) in PATH_FUNCTIONS:
            yield from PATH_FUNCTIONS[node.name, len(node.arguments)](self, node, scope, path, value)
        else:
            yield from self._native(node, scope, value)

    def _called(self, closure: Closure, node: tree.Call, scope: Scope, path: Path | None, value: Value) -> Stream:
        function = closure.function
        inner = Scope(closure.scope)
        plain: list[tuple[str, tree.Node]] = []
        for name, argument in zip(function.parameters, node.arguments, strict=True):
            bare = name.removeprefix("$")
            inner.functions[bare, 0] = Closure(tree.Function(bare, (), argument), scope)
            if name != bare:
                plain.append((name, argument))
        yield from self._with_values(function.body, inner, plain, scope, path, value)

    def _with_values(
        self,
        body: tree.Node,
        inner: Scope,
        plain: list[tuple[str, tree.Node]],
        scope: Scope,
        path: Path | None,
        value: Value,
    ) -> Stream:
        """Calls the body once for every combination of the arguments that are taken by value."""
        if not plain:
            yield from self.stream(body, inner, path, value)
            return
        (name, argument), rest = plain[0], plain[1:]
        for given in self.values(argument, scope, value):
            bound = Scope(inner, {name: given})
            yield from self._with_values(body, bound, rest, scope, path, value)

    def _native(self, node: tree.Call, scope: Scope, value: Value) -> Stream:
        native = NATIVES.get((node.name, len(node.arguments)))
        if native is None:
            raise JqError(f"{node.name}/{len(node.arguments)} is not defined")
        for arguments in self.product(node.arguments, scope, value):
            yield None, self._checked(native(self.run_state, value, *arguments))


def _children(path: Path | None, value: Value) -> Stream:
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    for key, item in pairs:
        yield None if path is None else (*path, key), item
