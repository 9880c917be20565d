"""The items of ForEach, EachSequential and EachParallel."""

from __future__ import annotations

import json

from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.language.expressions.java.printing import java_text


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Evaluate the items once and remember them."""
    name = node.type.rpartition(".")[2]
    source = node.properties.get("values" if name == "ForEach" else "value")
    items = each_items(source, renderer)
    run.memo["items"], texts = _told_apart(items)
    if texts:
        run.memo["texts"] = texts
    given = Properties(node.properties, renderer)
    if name == "ForEach":
        run.memo["limit"] = given.integer("concurrencyLimit", 1)
    elif name == "EachParallel":
        run.memo["limit"] = given.integer("concurrent", 0)
    else:
        run.memo["limit"] = 1
    performer.turn.begin(run, None)


def _told_apart(items: list[str]) -> tuple[list[str], dict[str, str]]:
    """The items with a name of its own for each, and the texts of those that had to get another one: `1` and `"1"` are
    two items of one text."""
    names: dict[str, str | None] = {}
    for text in items:
        name, number = text, 1
        while name in names:
            number += 1
            name = f"{text}\0{number}"
        names[name] = None if name == text else text
    return list(names), {name: text for name, text in names.items() if text is not None}


def each_items(source: object, renderer: Renderer) -> list[str]:
    """The distinct values, as text.

    Raises:
        BadProperty: they are no list, or hold a null.
    """
    if isinstance(source, list):
        raw = [_element(item, renderer) for item in source]
    elif isinstance(source, str):
        raw = _parsed(renderer.text(source))
    else:
        raise BadProperty(f"the items are neither a list nor text: {renderer.printed(source)}")
    nulls = sum(item is None for item in raw)
    if nulls:
        shown = java_text(raw, renderer.environment.limits.characters)
        raise BadProperty(f"Found '1' null values on Each, with values={shown}")
    return distinct(raw, renderer)


def _parsed(text: str) -> list[object]:
    try:
        found = json.loads(text)
    except ValueError:
        raise BadProperty(f"the items do not render to a list: {text[:200]!r}") from None
    if not isinstance(found, list):
        raise BadProperty(f"the items do not render to a list: {text[:200]!r}")
    return found


def _element(item: object, renderer: Renderer) -> object:
    if item is None or isinstance(item, str):
        return None if item is None else renderer.text(item)
    if isinstance(item, dict):
        return {renderer.text(str(key)): _inside(value, renderer) for key, value in item.items()}
    if isinstance(item, int) and not isinstance(item, bool):
        return str(item)
    kind = {bool: "java.lang.Boolean", float: "java.lang.Double", list: "java.util.ArrayList"}
    raise BadProperty(f"Unknown value element type: class {kind.get(type(item), type(item).__name__)}")


def _inside(value: object, renderer: Renderer) -> object:
    """A value inside a map: texts are rendered, anything else stays."""
    if isinstance(value, str):
        return renderer.text(value)
    if isinstance(value, dict):
        return {renderer.text(str(key)): _inside(item, renderer) for key, item in value.items()}
    return [_inside(item, renderer) for item in value] if isinstance(value, list) else value


def distinct(items: list[object], renderer: Renderer) -> list[str]:
    """Each value once, in order of first appearance, as text (maps and lists as compact JSON)."""
    seen: dict[str, str] = {}
    for item in items:
        text = item if isinstance(item, str) else renderer.printed(item)
        seen.setdefault(f"{type(item).__name__}:{text}", text)
    return list(seen.values())
