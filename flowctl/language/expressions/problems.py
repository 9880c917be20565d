"""What is wrong with a template that can be said without rendering it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flowctl.language.expressions import catalogue
from flowctl.language.expressions.environment import Dialect
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.parsing.nodes import Call, FilterBlock, FilterCall, Macro, TestCall
from flowctl.language.expressions.references import children, references
from flowctl.language.expressions.suggestions import closest, hyphen
from flowctl.language.expressions.template import Template, compile_template

HYPHENATED = re.compile(r"\b(?:outputs|inputs|vars|labels)\.\w+(?:-[A-Za-z]\w*)+")
ROOTS = {
    "taskRun": "did you mean `taskrun`?",
    "taskruns": "`tasks` has the states by task",
    "error": "the messages of failed tasks are in `errorLogs()`",
    "variables": "did you mean `vars`?",
    "input": "did you mean `inputs`?",
    "output": "did you mean `outputs`?",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `code` is F351 (syntax), F352 (unknown filter, function, test or tag) or F353 (a name that cannot
    exist); `severity` is `error` for what fails at every rendering, `warning` for what most likely does.
    """

    message: str
    line: int
    column: int
    hint: str = ""
    code: str = "F351"
    severity: str = "error"


def problems(text: str, dialect: Dialect = "lenient") -> list[Problem]:
    """Everything statically wrong with a text, in its order; an empty list for a sound one. Never raises."""
    if "{" not in text:
        return []
    try:
        template = compile_template(text)
    except ExpressionError as error:
        return [Problem(error.message, error.line or 1, error.column or 1, error.hint, error.code)]
    except RecursionError:
        return [Problem("The expression is nested too deeply", 1, 1)]
    found = [*_unknown(template, dialect), *_hyphens(template), *_roots(template)]
    return sorted(found, key=lambda p: (p.line, p.column))


def _unknown(template: Template, dialect: Dialect) -> Iterator[Problem]:
    macros = {node.name for node in _walk(template.body) if isinstance(node, Macro)}
    for node in _walk(template.body):
        if isinstance(node, FilterCall):
            yield from _filter(template.text, node.name, node.pos, dialect)
        elif isinstance(node, FilterBlock):
            for name, _, pos in node.filters:
                yield from _filter(template.text, name, pos, dialect)
        elif isinstance(node, Call) and node.name not in macros:
            yield from _function(template.text, node, dialect)
        elif isinstance(node, TestCall) and node.name not in catalogue.TESTS:
            hint = closest(node.name, catalogue.TESTS)
            yield _at(template.text, node.pos, f"Test [{node.name}] does not exist.", hint, "F352")


def _walk(node: object) -> Iterator[object]:
    yield node
    for child in children(node):
        yield from _walk(child)


def _filter(text: str, name: str, pos: int, dialect: Dialect) -> Iterator[Problem]:
    spec = catalogue.FILTERS.get(name)
    if spec is None or dialect not in spec.dialects:
        hint = spec.hint if spec else closest(name, catalogue.FILTERS)
        yield _at(text, pos, f"Filter [{name}] does not exist.", hint, "F352")


def _function(text: str, node: Call, dialect: Dialect) -> Iterator[Problem]:
    spec = catalogue.FUNCTIONS.get(node.name)
    if spec is None or dialect not in spec.dialects:
        hint = spec.hint if spec else closest(node.name, catalogue.FUNCTIONS)
        yield _at(text, node.pos, f"Function or Macro [{node.name}] does not exist.", hint, "F352")


def _hyphens(template: Template) -> Iterator[Problem]:
    """Ids with hyphens reached by dots, which subtract."""
    subtracted = {r.path[:2]: r for r in references(template) if len(r.path) > 1}
    for found in HYPHENATED.finditer(template.text):
        before = tuple(found.group().partition("-")[0].split(".", 1))
        if before in subtracted:
            message = f"`{found.group()}` is a subtraction"
            yield _at(template.text, found.start(), message, hyphen(template.text, found.end()), "F353", "warning")


def _roots(template: Template) -> Iterator[Problem]:
    """Variables that do not exist under this name."""
    for used in references(template):
        if used.kind == "variable" and used.root in ROOTS and not used.guarded:
            message = f"There is no variable `{used.root}`"
            yield Problem(message, used.line, used.column, ROOTS[used.root], "F353", "warning")
        elif used.path[:3] == ("execution", "state", "message"):
            message = "`execution.state` is a text and has no `message`"
            yield Problem(message, used.line, used.column, ROOTS["error"], "F353", "warning")


def _at(text: str, pos: int, message: str, hint: str, code: str, severity: str = "error") -> Problem:
    line = text.count("\n", 0, pos) + 1
    return Problem(message, line, pos - text.rfind("\n", 0, pos), hint, code, severity)
