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
    from flowctl.language.expressions import Problem

_DOTTED_HYPHEN = re.compile(r"(?<![\w.\]])(?:(inputs)\.([\w-]+)|(outputs)\.([\w-]+)(?=\.))")
"""As a server looks for them: an output only with something behind it, so `outputs.a-b` alone passes."""
_REGION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def check_template(context: Context, text: str, path: Path) -> None:
    """A warning for each expression that cannot work. A server takes it, and the task fails."""
    if "{%" not in text and "{#" not in text and _all_sound(text, context.dialect):
        return
    for problem in _problems(text, context.dialect):
        at = f"line {problem.line}, column {problem.column} of the expression"
        message = f"{problem.message} ({at})"
        context.say(path, shown_name(context.flow, path), message, problem.code, severity="warning", hint=problem.hint)


@lru_cache(maxsize=16_384)
def _problems(text: str, dialect: Dialect) -> tuple[Problem, ...]:
    from flowctl.language.expressions import problems

    return tuple(problems(text, dialect))


def _all_sound(text: str, dialect: Dialect) -> bool:
    """Whether each expression of a text is sound by itself: the same few recur in every flow, so these are remembered.

    False may also mean that the text cannot be taken apart so simply.
    """
    regions = _REGION.findall(text)
    if len(regions) != text.count("{{"):
        return False
    return all(not _problems(region, dialect) for region in regions)


def check_condition(context: Context, holder: Mapping[str, object], key: str, path: Path) -> None:
    """A condition with text around its braces renders to text that is never false: `{{ x }} != 0` is `1 != 0`."""
    text = holder.get(key)
    if isinstance(text, str) and "{{" in text and "{%" not in text and _REGION.sub("", text).strip():
        at = (*path, key)
        message = f"`{text}` is text around an expression, which is always true"
        hint = "put the whole comparison inside the braces"
        context.say(at, shown_name(context.flow, at), message, "F366", severity="warning", hint=hint)


def hyphenated(value: object, ids: Mapping[str, frozenset[str]]) -> set[str]:
    """`inputs` and/or `outputs` when some text below addresses an existing hyphenated id of them by a dot."""
    wrong: set[str] = set()
    for text in _texts(value):
        for region in _REGION.findall(text):
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
