"""Tasks over stored files. Rows are JSON, one a line."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.core.splitting import split_text, written_separator
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.formats.ion import read_ion
from flowctl.language.expressions.template import truthy
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
