"""Tasks over stored files. Rows are JSON, one a line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure
from flowctl.language.durations import parse_size
from flowctl.language.expressions import ExpressionError, truthy
from flowctl.language.expressions.formats.ion import read_ion
from flowctl.language.expressions.java import regex as javaregex
from flowctl.language.textlines import lines_of

_PREFIX = "io.kestra.plugin.core.storage."


class Concat(BuiltIn):
    """Joins files."""

    name = _PREFIX + "Concat"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`; the separator is written after every file."""
        separator = (properties.text("separator") or "").encode()
        data = b"".join(context.files.read(uri) + separator for uri in properties.texts("files"))
        return {"uri": context.files.put("concat" + (properties.text("extension") or ".tmp"), data)}


class Split(BuiltIn):
    """Splits a file into pieces."""

    name = _PREFIX + "Split"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uris`."""
        text = context.files.read(properties.required("from")).decode()
        pieces = split_text(text, properties)
        return {"uris": [context.files.put(f"split-{n}.txt", piece.encode()) for n, piece in enumerate(pieces, 1)]}


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


class Size(BuiltIn):
    """The size of a file."""

    name = _PREFIX + "Size"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`size` in bytes."""
        return {"size": context.files.size(properties.required("uri"))}


class Delete(BuiltIn):
    """Removes a file."""

    name = _PREFIX + "Delete"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`, `deleted`."""
        uri = properties.required("uri")
        if not uri.startswith("kestra://"):
            raise TaskFailure(f"Invalid internal storage uri, got uri '{uri}'; an address begins with kestra://")
        deleted = context.files.delete(uri)
        if not deleted and properties.flag("errorOnMissing"):
            raise TaskFailure(f"Unable to find file '{uri}'")
        return {"uri": uri, "deleted": deleted}


class Reverse(BuiltIn):
    """Turns the order of a file's lines around; `separator` is written after each."""

    name = _PREFIX + "Reverse"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`."""
        charset, separator = properties.text("charset") or "utf-8", written_separator(properties)
        lines = lines_of(context.files.read(properties.required("from")).decode(charset))
        data = "".join(line + separator for line in reversed(lines)).encode(charset)
        return {"uri": context.files.put("reverse.txt", data)}


def rows_of(data: bytes) -> list[object]:
    """The rows of a file of JSON lines or Ion text.

    Raises:
        TaskFailure: a line is neither.
    """
    rows: list[object] = []
    for number, line in enumerate(lines_of(data.decode()), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except ValueError:
                rows.extend(_ion_rows(number, line))
    return rows


def _ion_rows(number: int, line: str) -> list[object]:
    try:
        return read_ion(line)
    except (ExpressionError, ValueError) as error:
        raise TaskFailure(f"line {number} is neither JSON nor Ion: {error}") from None


def _row_bytes(rows: list[object]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode()


class FilterItems(BuiltIn):
    """Keeps the rows for which a condition holds."""

    name = _PREFIX + "FilterItems"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`, `processedItemsTotal`, `droppedItemsTotal`."""
        rows = rows_of(context.files.read(properties.required("from")))
        exclude = properties.choice("filterType", ("INCLUDE", "EXCLUDE"), "INCLUDE") == "EXCLUDE"
        on_error = properties.choice("errorOrNullBehavior", ("FAIL", "INCLUDE", "EXCLUDE"), "FAIL")
        condition = properties.raw("filterCondition")
        kept = [row for row in rows if self._keep(context, condition, row, exclude, on_error)]
        return {
            "uri": context.files.put("filtered.jsonl", _row_bytes(kept)),
            "processedItemsTotal": len(rows),
            "droppedItemsTotal": len(rows) - len(kept),
        }

    def _keep(self, context: RunContext, condition: object, row: object, exclude: bool, on_error: str) -> bool:
        extra = row if isinstance(row, dict) else {"value": row}
        try:
            text = context.render(condition, extra)
        except ExpressionError as error:
            if on_error == "FAIL":
                raise TaskFailure(str(error)) from error
            return on_error == "INCLUDE"
        return truthy(text) is not exclude


class DeduplicateItems(BuiltIn):
    """Keeps the last row of each key."""

    name = _PREFIX + "DeduplicateItems"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`, `numKeys`, `processedItemsTotal`, `droppedItemsTotal`."""
        rows = rows_of(context.files.read(properties.required("from")))
        expression = properties.raw("expr")
        keys = [context.render(expression, row if isinstance(row, dict) else {"value": row}) for row in rows]
        last = {key: number for number, key in enumerate(keys)}
        kept = [rows[number] for number in sorted(last.values())]
        return {
            "uri": context.files.put("deduplicated.jsonl", _row_bytes(kept)),
            "numKeys": len(last),
            "processedItemsTotal": len(rows),
            "droppedItemsTotal": len(rows) - len(kept),
        }


class Write(BuiltIn):
    """Writes a text to a file."""

    name = _PREFIX + "Write"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`."""
        content = properties.text("content")
        if content is None:
            raise BadProperty("`content` is required, but its value is absent")
        return {"uri": context.files.put("write" + (properties.text("extension") or ".txt"), content.encode())}


class LocalFiles(BuiltIn):
    """Writes files into the working directory and keeps some (an older task)."""

    name = _PREFIX + "LocalFiles"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uris`: path to address, of the files that `outputs` names."""
        from flowctl.engine.plugins.scripts.files import keep, write_inputs

        write_inputs(context, properties.mapping("inputs"), context.directory)
        return {"uris": keep(context, properties.texts("outputs"), context.directory)}


class PurgeCurrentExecutionFiles(BuiltIn):
    """Removes the files of the execution."""

    name = _PREFIX + "PurgeCurrentExecutionFiles"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uris`."""
        return {"uris": context.files.purge()}


TASKS: list[Task] = [
    Concat(),
    Split(),
    Size(),
    Delete(),
    Reverse(),
    FilterItems(),
    DeduplicateItems(),
    Write(),
    LocalFiles(),
    PurgeCurrentExecutionFiles(),
]
