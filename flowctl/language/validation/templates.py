"""Expressions in a flow: those that do not parse, and references that a server refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from flowctl.language.findings import Path
from flowctl.language.validation.context import Context
from flowctl.language.validation.names import shown_name
from flowctl.model.environment import Dialect

if TYPE_CHECKING:
    from flowctl.language.expressions.problems import Problem

_DOTTED_HYPHEN = re.compile(r"(?<![\w.\]])(?:(inputs)\.([\w-]+)|(outputs)\.([\w-]+)(?=\.))")
"""As a server looks for them: an output only with something behind it, so `outputs.a-b` alone passes."""
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_USUAL, _LONG, _HUGE = 2_000, 10_000, 200_000
"""Lengths of texts: worth remembering; too long to be searched for names; too long to be parsed for a hint."""


def check_template(context: Context, text: str, path: Path) -> None:
    """A warning for each expression that cannot work. A server takes it, and the task fails.

    Of a flow with thousands of expressions only the first ones are looked at, and huge texts not at all: a check has to
    end soon.
    """
    context.templates_left -= 1
    if (
        context.templates_left < 0
        or len(text) > _HUGE
        or ("{%" not in text and "{#" not in text and _all_sound(text, context))
    ):
        return
    for problem in problems_of(text, context.dialect):
        at = f"line {problem.line}, column {problem.column} of the expression"
        message = f"{problem.message} ({at})"
        context.say(path, shown_name(context.flow, path), message, problem.code, severity="warning", hint=problem.hint)


def problems_of(text: str, dialect: Dialect) -> tuple[Problem, ...]:
    """What is wrong with the expressions of a text; remembered for texts of usual length."""
    return _remembered(text, dialect) if len(text) <= _USUAL else _problems(text, dialect)


def _problems(text: str, dialect: Dialect) -> tuple[Problem, ...]:
    from flowctl.language.expressions.problems import problems

    return tuple(problems(text, dialect))


@lru_cache(maxsize=16_384)
def _remembered(text: str, dialect: Dialect) -> tuple[Problem, ...]:
    return _problems(text, dialect)


def regions(text: str) -> tuple[list[str], str]:
    """The `{{ … }}` and `{% … %}` of a text, and the text around them. Linear, whatever the text is."""
    found: list[str] = []
    around: list[str] = []
    at = 0
    while True:
        start = min((place for place in (text.find("{{", at), text.find("{%", at)) if place >= 0), default=-1)
        end = text.find("}}" if text.startswith("{{", start) else "%}", start + 2) if start >= 0 else -1
        if end < 0:
            return found, "".join([*around, text[at:]])
        around.append(text[at:start])
        found.append(text[start : end + 2])
        at = end + 2


def _all_sound(text: str, context: Context) -> bool:
    """Whether each expression of a text is sound by itself: the same few recur in every flow, so these are remembered.

    False may also mean that the text cannot be taken apart so simply.
    """
    found, around = regions(text)
    context.templates_left -= len(found)
    if context.templates_left < 0 or "{{" in around or "}}" in around:
        return False
    return not any("{{" in one[2:] or problems_of(one, context.dialect) for one in found)


def check_condition(context: Context, holder: Mapping[str, object], key: str, path: Path) -> None:
    """A condition with text around its braces renders to text that is never false: `{{ x }} != 0` is `1 != 0`."""
    text = holder.get(key)
    if isinstance(text, str) and "{{" in text and "{%" not in text and regions(text)[1].strip():
        at = (*path, key)
        message = f"`{text}` is text around an expression, which is always true"
        hint = "put the whole comparison inside the braces"
        context.say(at, shown_name(context.flow, at), message, "F366", severity="warning", hint=hint)


def hyphenated(value: object, ids: Mapping[str, frozenset[str]]) -> set[str]:
    """`inputs` and/or `outputs` when some text below addresses an existing hyphenated id of them by a dot."""
    wrong: set[str] = set()
    for text in _texts(value):
        for region in regions(text)[0]:
            if len(region) > _LONG:
                continue
            for match in _DOTTED_HYPHEN.finditer(_QUOTED.sub("''", region)):
                root, name = match[1] or match[3], match[2] or match[4]
                if name in ids[root]:
                    wrong.add(root)
    return wrong


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if "-" in value and "{" in value else []
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in held for text in _texts(item)]
