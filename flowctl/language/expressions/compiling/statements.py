"""Tags and text → closures that append to the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flowctl.language.expressions.compiling.compiler import compile_expression, filter_call
from flowctl.language.expressions.compiling.operators import Evaluate
from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.operations.comparing import truth
from flowctl.language.expressions.parsing.nodes import (
    Block,
    Body,
    Expression,
    FilterBlock,
    For,
    If,
    Macro,
    Print,
    Set,
    Statement,
    Text,
)
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.values import MapEntry, kind

Output = list[object]
"""Texts and printed values in order; values become text when the output is joined."""
Execute = Callable[[Run, Output], None]
MacroCall = Callable[[Run, list[object], dict[str, object]], str]


class Program:
    """A compiled body with the macros and blocks found anywhere in it."""

    def __init__(self, body: Body) -> None:
        self.macros: dict[str, MacroCall] = {}
        self.blocks: dict[str, Callable[[Run], str]] = {}
        self.execute = self._body(body)

    def _body(self, body: Body) -> Execute:
        steps = [self._statement(statement) for statement in body]
        if len(steps) == 1:
            return steps[0]

        def execute(run: Run, out: Output) -> None:
            for step in steps:
                step(run, out)

        return execute

    def _statement(self, node: Statement) -> Execute:
        if isinstance(node, Text):
            return _text(node)
        if isinstance(node, Print):
            return _print(node)
        if isinstance(node, If):
            return self._if(node)
        if isinstance(node, For):
            return self._for(node)
        if isinstance(node, Set):
            return _set(node)
        if isinstance(node, Macro):
            return self._macro(node)
        return self._filter_block(node) if isinstance(node, FilterBlock) else self._block(node)

    def _if(self, node: If) -> Execute:
        branches = [(_condition(c), self._body(b)) for c, b in node.branches]
        otherwise = self._body(node.otherwise)

        def execute(run: Run, out: Output) -> None:
            for condition, body in branches:
                if condition(run):
                    body(run, out)
                    return
            otherwise(run, out)

        return execute

    def _for(self, node: For) -> Execute:
        iterable, body, otherwise = compile_expression(node.iterable), self._body(node.body), self._body(node.otherwise)
        variable, pos = node.variable, node.pos

        def execute(run: Run, out: Output) -> None:
            values = _iterated(iterable(run), pos)
            if values is None:
                return
            if not values:
                otherwise(run, out)
                return
            scope: dict[str, object] = {}
            run.scopes.append(scope)
            try:
                for state, value in _rounds(values):
                    run.tick()
                    scope["loop"], scope[variable] = state, value
                    body(run, out)
            finally:
                run.scopes.pop()

        return execute

    def _macro(self, node: Macro) -> Execute:
        names = [name for name, _ in node.parameters]
        defaults = {name: compile_expression(e) for name, e in node.parameters if e is not None}
        body = self._body(node.body)

        def call(run: Run, positional: list[object], named: dict[str, object]) -> str:
            if len(positional) > len(names):
                allowed = len(names)
                raise ExpressionError(
                    f"The argument at position {allowed + 1} is not allowed. Only {allowed} argument(s) are allowed."
                )
            inner = _macro_run(run)
            scope: dict[str, object] = {}
            inner.scopes.append(scope)
            for name in names:
                # A default sees the defaults before it, never what was given; so it is evaluated in any case.
                scope[name] = defaults[name](inner) if name in defaults else None
            unknown = next((name for name in named if name not in scope), None)
            if unknown is not None:
                raise ExpressionError(f"The following named argument does not exist: {unknown}")
            scope.update(zip(names, positional, strict=False))
            scope.update(named)
            return capture(body, inner)

        self.macros[node.name] = call
        return _nothing

    def _filter_block(self, node: FilterBlock) -> Execute:
        body = self._body(node.body)
        chain: Evaluate = lambda run: capture(body, run)  # noqa: E731
        for name, arguments, pos in node.filters:
            chain = filter_call(chain, name, arguments, pos)

        def execute(run: Run, out: Output) -> None:
            out.append(run.printed(run.print(chain(run))))

        return execute

    def _block(self, node: Block) -> Execute:
        body = self._body(node.body)
        self.blocks[node.name] = lambda run: capture(body, run)
        return body


def capture(body: Execute, run: Run) -> str:
    """The text that a body prints."""
    out: Output = []
    body(run, out)
    return join(out, run)


def join(out: Output, run: Run) -> str:
    """The output as one text."""
    text = "".join([part if type(part) is str else run.print(part) for part in out])
    run.check_text(len(text))
    return text


def _nothing(run: Run, out: Output) -> None:
    """What a macro's definition prints."""


def _text(node: Text) -> Execute:
    text = node.text

    def execute(run: Run, out: Output) -> None:
        out.append(run.printed(text))

    return execute


def _print(node: Print) -> Execute:
    evaluate, pos = compile_expression(node.expression), node.pos

    def execute(run: Run, out: Output) -> None:
        value = evaluate(run)
        if run.typed:
            out.append(value)
            return
        if type(value) is not str:
            value = _printed(value, run, pos)
        out.append(run.printed(value))

    return execute


def _printed(value: object, run: Run, pos: int) -> str:
    try:
        return run.print(value)
    except ExpressionError as error:
        error.offset = pos if error.offset is None else error.offset
        raise


def _condition(node: Expression) -> Callable[[Run], bool]:
    evaluate, pos = compile_expression(node), node.pos

    def condition(run: Run) -> bool:
        try:
            return truth(evaluate(run), "a condition is a boolean, a number or a text, not {kind}")
        except LimitError:
            raise
        except ExpressionError as error:
            hint = error.hint or error.message
            message = "Wrong operand(s) type in conditional expression"
            raise ExpressionError(message, offset=pos, hint=hint) from error

    return condition


def _set(node: Set) -> Execute:
    name, evaluate = node.name, compile_expression(node.expression)

    def execute(run: Run, out: Output) -> None:
        value = evaluate(run)
        if not run.scopes:
            run.scopes.append({})
        for scope in reversed(run.scopes):
            if name in scope:
                run.replaced(scope[name])
                scope[name] = value
                return
        if name in run.context:
            # The context is the outermost scope: what is set in a loop stays after it, as of any outer variable.
            run.scopes.insert(0, {name: value})
        else:
            run.scopes[-1][name] = value

    return execute


def _macro_run(run: Run) -> Run:
    inner = Run({}, run.environment, run.budget, run.nested)
    inner.macros, inner.blocks = run.macros, run.blocks
    inner.macro_depth = run.macro_depth + 1
    run.tick()
    if inner.macro_depth > run.environment.limits.macros:
        raise LimitError(f"Macros call each other deeper than {run.environment.limits.macros} levels")
    return inner


def _iterated(value: object, pos: int) -> list[object] | tuple[object, ...] | None:
    """What a loop walks over; None for null, which is walked over without an `else`."""
    if value is None or isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        return [MapEntry(k, v) for k, v in value.items()]
    if isinstance(value, tuple) and not isinstance(value, MapEntry):
        return value
    raise ExpressionError(
        f"Not an iterable object: {kind(value)}",
        offset=pos,
        hint="a loop walks over lists and maps; split a text with `| split(',')`",
    )


def _rounds(values: list[object] | tuple[object, ...]) -> Iterator[tuple[dict[str, object], object]]:
    length = len(values)
    for index, value in enumerate(values):
        state: dict[str, object] = {
            "index": index,
            "length": length,
            "revindex": length - index - 1,
            "first": index == 0,
            "last": index == length - 1,
        }
        yield state, value
