"""Running a jq program: read once, evaluated with the library of functions that are written in jq themselves."""

from __future__ import annotations

from functools import lru_cache

from flowctl.language.expressions.jq import flowing, making, naming, selecting, tree
from flowctl.language.expressions.jq.library import LIBRARY
from flowctl.language.expressions.jq.machine import Machine, Steps
from flowctl.language.expressions.jq.parser import parse
from flowctl.language.expressions.jq.scopes import Closure, Scope
from flowctl.language.expressions.jq.values import Value
from flowctl.language.expressions.running import Run

STEPS: Steps = {**selecting.STEPS, **making.STEPS, **flowing.STEPS, **naming.STEPS}


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
    machine = Machine(run, STEPS)
    for result in machine.values(compiled(program), root, value):
        results.append(result)
        run.check_items(len(results))
    return results
