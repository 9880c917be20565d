"""YAML text to a tree of nodes with exact marks; libyaml does the work where it is there.

PyYAML's resolver is left out: it would guess a tag for every scalar in Python, which costs more than all the rest,
and its guesses are not Kestra's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from yaml.composer import Composer
from yaml.nodes import Node
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from flowctl.flowtext.problems import YamlProblem, classify, forbidden_character, left_conflict, line_and_column

BOM = "\ufeff"

if TYPE_CHECKING:
    from yaml._yaml import CParser

    HAVE_LIBYAML = True
else:
    try:
        from yaml.cyaml import CParser

        HAVE_LIBYAML = True
    except ImportError:
        HAVE_LIBYAML = False


class _NoResolver:
    """Tags are those that the text states; a plain scalar has None."""

    def resolve(self, kind: object, value: object, implicit: object) -> str | None:
        return None

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        return

    def ascend_resolver(self) -> None:
        return


class _PureLoader(_NoResolver, Reader, Scanner, Parser, Composer):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


if HAVE_LIBYAML:

    class _CLoader(_NoResolver, CParser):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)

    _Loader: type[_CLoader] | type[_PureLoader] = _CLoader
else:
    _Loader = _PureLoader


def compose(text: str, loader: type[_PureLoader] | None = None) -> Node | None:
    """The root node of a text's only document, None when it holds nothing. Marks do not count a byte order mark.

    Raises:
        YamlProblem: not one sound document.
    """
    if text.startswith(BOM):
        text = text[1:]
    try:
        composer = (loader or _Loader)(text)
        try:
            node: Node | None = composer.get_single_node()
        finally:
            composer.dispose()
    except yaml.MarkedYAMLError as error:
        raise left_conflict(text) or _problem(error, text) from None
    except (ReaderError, UnicodeEncodeError) as error:
        raise forbidden_character(text) or YamlProblem("characters", str(error), 1, 1) from None
    except RecursionError:
        raise YamlProblem("depth", "nested too deeply", 1, 1) from None
    return node


def _problem(error: yaml.MarkedYAMLError, text: str) -> YamlProblem:
    mark = error.problem_mark or error.context_mark
    context, problem = error.context or "", error.problem or ""
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    kind = classify(context, problem, text, mark.index if mark else 0)
    if kind in ("quote", "bracket") and error.context_mark and error.problem_mark:
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    if kind == "bracket" and (line, column) == _end(text):
        line, column = _last_open(text) or (line, column)
    return YamlProblem(kind, problem or context or "not YAML", line, column)


def _end(text: str) -> tuple[int, int]:
    return line_and_column(text, len(text))


def _last_open(text: str) -> tuple[int, int] | None:
    """Line and column of the bracket that is open at the end of a text; the parser does not say."""
    opened: list[tuple[int, int]] = []
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                opened.append((token.start_mark.line + 1, token.start_mark.column + 1))
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken) and opened:
                opened.pop()
    except yaml.YAMLError:
        return None
    return opened[-1] if opened else None
