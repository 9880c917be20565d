"""How a text is split into texts: by rows, by size, into a number of parts, by what a pattern finds."""

from __future__ import annotations

import re

from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.language.durations import parse_size
from flowctl.language.expressions.java import regex as javaregex
from flowctl.language.textlines import lines_of


def split_text(text: str, properties: Properties, rows: int | None = None) -> list[str]:
    """The pieces by a group of a pattern, by size, by a number of partitions or by rows, in this order of precedence;
    `rows` is their number where nothing is said.

    Lines end as lines do, whatever `separator` is: that is written after each of them (as seen on a real 2.0).

    Raises:
        BadProperty: no rule is there, a number is below 1, or the size or the pattern is none.
        ExpressionError: the pattern cannot be read, or takes too long.
    """
    separator = written_separator(properties)
    lines = lines_of(text)
    pattern, size = properties.text("regexPattern"), properties.text("bytes")
    partitions = _positive(properties, "partitions", None)
    if pattern is not None:
        groups = _by_group(lines, pattern)
    elif size is not None:
        groups = _by_size(lines, _size(size), len(separator.encode()))
    elif partitions is not None:
        groups = [lines[start::partitions] for start in range(min(partitions, len(lines)))]
    else:
        groups = _by_rows(lines, _positive(properties, "rows", rows))
    return ["".join(line + separator for line in group) for group in groups]


def written_separator(properties: Properties) -> str:
    """What is written after each line: a line feed unless told otherwise, nothing for an empty text."""
    separator = properties.text("separator")
    return "\n" if separator is None else separator


def _by_rows(lines: list[str], rows: int | None) -> list[list[str]]:
    if rows is None:
        raise BadProperty("one of `rows`, `partitions`, `bytes` and `regexPattern` is required, but none is there")
    return [lines[start : start + rows] for start in range(0, len(lines), rows)]


def _positive(properties: Properties, name: str, default: int | None) -> int | None:
    number = properties.integer(name, default)
    if number is not None and number < 1:
        raise BadProperty(f"`{name}` must be at least 1, but is {number}")
    return number


def _size(text: str) -> int:
    """A size in bytes: a plain number, or one with KB, MB or GB (a server refuses a lone B)."""
    try:
        size = 0 if re.search(r"\d\s*[bB]\s*$|\.", text) else parse_size(text)
    except ValueError:
        size = 0
    if size < 1:
        raise BadProperty(f"`bytes` is no size: {text!r}; write a number, or one with KB, MB or GB")
    return size


def _by_group(lines: list[str], pattern: str) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        match = javaregex.search(pattern, line)
        if match is not None and match.re.groups < 1:
            raise BadProperty(f"`regexPattern` has no group: {pattern!r}")
        if match is not None:
            found.setdefault(str(match.group(1) or ""), []).append(line)
    return list(found.values())


def _by_size(lines: list[str], limit: int, extra: int) -> list[list[str]]:
    """A piece ends with the line that reaches the limit, in bytes."""
    groups: list[list[str]] = []
    used = limit
    for line in lines:
        if used >= limit:
            groups.append([])
            used = 0
        groups[-1].append(line)
        used += len(line.encode()) + extra
    return groups
