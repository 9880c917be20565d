"""What a Loop runs over: a list, a map, the text of either, the rows of a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NoReturn

from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.plugins.properties import BadProperty
from flowctl.language.textlines import lines_of

Item = tuple[str | None, str]
"""Key (of a map's entry, else None) and value."""


def items_of_text(text: str, renderer: Renderer) -> list[Item]:
    """Those of a JSON list or map; what follows it is not looked at (seen on a real 2.0).

    Raises:
        BadProperty: it is neither, or holds a null.
    """
    try:
        value, _ = _JSON.raw_decode(text.strip(_BLANKS))
    except (ValueError, RecursionError):
        raise BadProperty(_neither(repr(text[:200]))) from None
    return _items(_pairs(value, renderer), text, renderer)


def items_of_literal(source: object, renderer: Renderer) -> list[Item]:
    """Those of a list or map of the flow's text: texts in them are rendered, the keys of the map itself are not.

    Raises:
        BadProperty: it is neither, or holds a null, a list, true or false (entries of the map that are null count
            as absent, seen on a real 2.0).
    """
    pairs = [(key, value) for key, value in _pairs(source, renderer) if key is None or value is not None]
    for _, value in pairs:
        if isinstance(value, bool | list):
            kind = "a list" if isinstance(value, list) else "true or false"
            shown = json.dumps(value, separators=(",", ":"), ensure_ascii=False)[:200]
            raise BadProperty(f"an item is a text, a number or a map, not {kind}: {shown}; give all as one JSON text")
    return _items([(key, _rendered(value, renderer)) for key, value in pairs], source, renderer)


def items_of_rows(text: str, renderer: Renderer) -> list[Item]:
    """Those of a file: a row of JSON as values print, any other line as it stands. Blank lines are left out, equal
    ones are not (seen on a real 2.0).

    Raises:
        BadProperty: a row is null.
    """
    found: list[Item] = []
    for number, line in enumerate(lines_of(text), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = line
        if row is None:
            raise BadProperty(f"Found a null value in line {number} of the file")
        found.append((None, renderer.printed(row) if isinstance(row, str | dict | list) else line.strip()))
    return found


def _pairs(value: object, renderer: Renderer) -> list[tuple[str | None, object]]:
    if isinstance(value, dict):
        return [(str(key), item) for key, item in value.items()]
    if isinstance(value, list):
        return [(None, item) for item in value]
    raise BadProperty(_neither(renderer.printed(value)))


def _items(pairs: Iterable[tuple[str | None, object]], given: object, renderer: Renderer) -> list[Item]:
    pairs = list(pairs)
    if any(value is None for _, value in pairs):
        shown = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
        raise BadProperty(f"Found a null value inside the iteration values={shown}")
    return list(dict.fromkeys((key, renderer.printed(value)) for key, value in pairs))


def _neither(shown: str) -> str:
    return f"the values are neither a list, a map nor a file: {shown}"


def _rendered(value: object, renderer: Renderer) -> object:
    if isinstance(value, str):
        return renderer.text(value)
    if isinstance(value, dict):
        return {renderer.text(str(key)): _rendered(item, renderer) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(item, renderer) for item in value]
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_BLANKS = " \t\r\n"
_JSON = json.JSONDecoder(parse_constant=_constant)
