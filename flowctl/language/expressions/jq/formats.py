"""`@text`, `@json`, `@csv`, `@tsv`, `@html`, `@uri`, `@sh`, `@base64`, `@base64d`."""

from __future__ import annotations

import base64
import binascii
import html
import math
import sys
from collections.abc import Callable
from urllib.parse import quote

from flowctl.language.expressions.errors import LimitError
from flowctl.language.expressions.java.printing import MAX_DEPTH, json_text
from flowctl.language.expressions.jq.values import JqError, Value, normal, shown
from flowctl.language.expressions.running import Run

Writer = Callable[[Value, Run], str]
LARGEST = sys.float_info.max
"""What stands for infinity in JSON."""


def _raw(value: Value, run: Run) -> str:
    """Texts as they are, everything else as JSON, numbers as they came."""
    return value if isinstance(value, str) else json_text(value, run.limit, run.late, nulls=True)


def to_json(value: Value, run: Run) -> str:
    """Compact JSON, within the limits of the rendering; whole doubles as integers, no number as null."""
    return json_text(_written(value, run, 0), run.limit, run.late, nulls=True)


def _written(value: Value, run: Run, depth: int) -> Value:
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, list | dict):
        run.tick()
        if depth > MAX_DEPTH:
            raise LimitError(f"A value is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, list):
            return [_written(item, run, depth + 1) for item in value]
        return {key: _written(item, run, depth + 1) for key, item in value.items()}
    return value


def _finite(value: float) -> Value:
    if math.isnan(value):
        return None
    return normal(value) if math.isfinite(value) else math.copysign(LARGEST, value)


def to_text(value: Value, run: Run) -> str:
    """Texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else to_json(value, run)


def _row(value: Value, run: Run, separator: str, cell: Writer) -> str:
    if not isinstance(value, list):
        raise JqError(f"{shown(value)} cannot be formatted, only an array can be")
    return separator.join(cell(item, run) for item in value)


def _csv_cell(value: Value, run: Run) -> str:
    if isinstance(value, list | dict):
        raise JqError(f"{shown(value)} is not valid in a csv row")
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if value is None else to_json(value, run)


def _tsv_cell(value: Value, run: Run) -> str:
    if isinstance(value, list | dict):
        raise JqError(f"{shown(value)} is not valid in a tsv row")
    text = "" if value is None else to_text(value, run)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _shell(value: Value, run: Run) -> str:
    if isinstance(value, list):
        return " ".join(_shell(item, run) for item in value)
    if isinstance(value, dict):
        raise JqError(f"{shown(value)} can not be escaped for shell")
    return "'" + value.replace("'", "'\\''") + "'" if isinstance(value, str) else to_json(value, run)


def _base64_decoded(value: Value, run: Run) -> str:
    try:
        text = to_text(value, run)
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise JqError(f"{shown(value)} is not valid base64 data") from None


FORMATS: dict[str, Writer] = {
    "": _raw,
    "text": to_text,
    "json": to_json,
    "csv": lambda value, run: _row(value, run, ",", _csv_cell),
    "tsv": lambda value, run: _row(value, run, "\t", _tsv_cell),
    "html": lambda value, run: html.escape(to_text(value, run)).replace("&#x27;", "&#39;"),
    "uri": lambda value, run: quote(to_text(value, run), safe="-_.~"),
    "sh": _shell,
    "base64": lambda value, run: base64.b64encode(to_text(value, run).encode("utf-8", "replace")).decode("ascii"),
    "base64d": _base64_decoded,
}


def write_format(name: str, value: Value, run: Run) -> str:
    """The value in a format. Raises JqError for an unknown one."""
    if name not in FORMATS:
        raise JqError(f"{name} is not a valid format")
    return FORMATS[name](value, run)
