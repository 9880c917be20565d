"""Values, places and times as a reader sees them on one line."""

from __future__ import annotations

import json
from datetime import datetime

from flowctl.views.ansi import printable

WIDTH = 80


def shown(value: object, width: int = WIDTH) -> str:
    """A JSON value on one line, cut in the middle when longer than `width`."""
    text = printable(json.dumps(value, ensure_ascii=False, default=str))
    if len(text) <= width:
        return text
    head = (width - 3) * 2 // 3
    return f"{text[:head]}...{text[len(text) - (width - 3 - head) :]}"


def digest(text: str | None) -> str:
    """A digest, short."""
    if text is None:
        return "nothing"
    return text.removeprefix("hmac:")[:12]


def moment(at: datetime) -> str:
    """A point in time, to the second, with its zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 flow`, `2 flows`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def objects(flows: int, files: int, key_values: int) -> str:
    """`1 flow, 2 files, 0 key-values`."""
    return f"{plural(flows, 'flow')}, {plural(files, 'file')}, {plural(key_values, 'key-value')}"
