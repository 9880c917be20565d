"""Values, places and times as a reader sees them on one line."""

from __future__ import annotations

import json
from datetime import datetime

from flowctl.model.ledger import KEYED
from flowctl.views.ansi import printable

WIDTH = 80


def shown(value: object, width: int = WIDTH) -> str:
    """A JSON value on one line, cut in the middle when longer than `width`."""
    return _cut(_text(value), width)


def shown_apart(before: object, after: object, width: int) -> tuple[str, str]:
    """Two JSON values on one line each, cut to `width` so that they look different where they are."""
    old, new = _text(before), _text(after)
    cut = _cut(old, width), _cut(new, width)
    if cut[0] != cut[1] or old == new:
        return cut
    first = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
    near = _around(old, first, width), _around(new, first, width)
    if near[0] != near[1]:
        return near
    return f"{near[0]} ({len(old)} characters)", f"{near[1]} ({len(new)} characters)"


def _text(value: object) -> str:
    return printable(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    head = (width - 3) * 2 // 3
    return f"{text[:head]}...{text[len(text) - (width - 3 - head) :]}"


def _around(text: str, first: int, width: int) -> str:
    """The part of a text around its character `first`."""
    start = min(max(0, first - width // 3), max(0, len(text) - width))
    part = text[start : start + width]
    part = f"...{part[3:]}" if start else part
    return f"{part[:-3]}..." if start + width < len(text) else part


def digest(text: str | None) -> str:
    """A digest, short."""
    if text is None:
        return "nothing"
    return text.removeprefix(KEYED)[:12]


def moment(at: datetime) -> str:
    """A point in time, to the second, with its zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 flow`, `2 flows`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def objects(flows: int, files: int, key_values: int) -> str:
    """`1 flow, 2 files, 0 key-values`."""
    return f"{plural(flows, 'flow')}, {plural(files, 'file')}, {plural(key_values, 'key-value')}"
