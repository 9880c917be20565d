"""`@text`, `@json`, `@csv`, `@tsv`, `@html`, `@uri`, `@sh`, `@base64`, `@base64d`."""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Callable
from urllib.parse import quote

from flowctl.language.expressions.jq.values import JqError, Value, shown


def to_json(value: Value) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_text(value: Value) -> str:
    """Texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else to_json(value)


def _row(value: Value, separator: str, cell: Callable[[Value], str]) -> str:
    if not isinstance(value, list):
        raise JqError(f"{shown(value)} cannot be formatted, only an array can be")
    return separator.join(map(cell, value))


def _csv_cell(value: Value) -> str:
    if isinstance(value, list | dict):
        raise JqError(f"{shown(value)} is not valid in a csv row")
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if value is None else to_json(value)


def _tsv_cell(value: Value) -> str:
    if isinstance(value, list | dict):
        raise JqError(f"{shown(value)} is not valid in a tsv row")
    text = "" if value is None else to_text(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _shell(value: Value) -> str:
    if isinstance(value, list):
        return " ".join(map(_shell, value))
    if isinstance(value, dict):
        raise JqError(f"{shown(value)} can not be escaped for shell")
    return "'" + value.replace("'", "'\\''") + "'" if isinstance(value, str) else to_json(value)


def _base64_decoded(value: Value) -> str:
    try:
        text = to_text(value)
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise JqError(f"{shown(value)} is not valid base64 data") from None


FORMATS: dict[str, Callable[[Value], str]] = {
    "text": to_text,
    "json": to_json,
    "csv": lambda value: _row(value, ",", _csv_cell),
    "tsv": lambda value: _row(value, "\t", _tsv_cell),
    "html": lambda value: html.escape(to_text(value)).replace("&#x27;", "&#39;"),
    "uri": lambda value: quote(to_text(value), safe="-_.~"),
    "sh": _shell,
    "base64": lambda value: base64.b64encode(to_text(value).encode("utf-8", "replace")).decode("ascii"),
    "base64d": _base64_decoded,
}


def write_format(name: str, value: Value) -> str:
    """The value in a format. Raises JqError for an unknown one."""
    if name not in FORMATS:
        raise JqError(f"{name} is not a valid format")
    return FORMATS[name](value)
