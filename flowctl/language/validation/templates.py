"""Expressions in a flow: those that do not parse, and references that a server refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from flowctl.language.findings import Path
from flowctl.language.validation.context import Context

_DOTTED_HYPHEN = re.compile(r"(?<![\w.\]])(?:(inputs)\.([\w-]+)|(outputs)\.([\w-]+)(?=\.))")
"""As a server looks for them: an output only with something behind it, so `outputs.a-b` alone passes."""
_REGION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def check_template(context: Context, text: str, path: Path) -> None:
    """A warning for an expression that cannot be parsed. A server takes it and the task fails."""
    for message, hint in _problems(text):
        context.say(path, "", message, "F360", severity="warning", hint=hint)


@lru_cache(maxsize=4096)
def _problems(text: str) -> tuple[tuple[str, str], ...]:
    check = _checker()
    if check is None:
        return ()
    return tuple((_describe(problem), str(getattr(problem, "hint", "") or "")) for problem in check(text))


def _describe(problem: object) -> str:
    message = str(getattr(problem, "message", problem))
    line, column = getattr(problem, "line", None), getattr(problem, "column", None)
    return f"{message} (line {line}, column {column} of the expression)" if line and column else message


@lru_cache(maxsize=1)
def _checker() -> Callable[[str], Iterable[object]] | None:
    try:
        from flowctl.language import expressions
    except ImportError:
        return None
    return getattr(expressions, "problems", None)


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
