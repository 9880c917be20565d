"""Values of flow outputs by their declared type."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flowctl.engine.plugins.properties import Properties


class BadValue(Exception):
    """A value is not of its type."""


def typed_output(item: Mapping[str, object], properties: Properties) -> object:
    """The value of one declared output.

    Raises:
        ExpressionError: it cannot be rendered.
        BadValue: it is not of its type.
    """
    value, kind = item.get("value"), str(item.get("type", "STRING"))
    rendered = properties.typed(value)
    if rendered is None:
        return None
    text = properties.rendered_text(value)
    try:
        return _convert(kind, text, rendered)
    except ValueError as error:
        raise BadValue(f"Invalid value for output `{item.get('id')}`. Cause: {error}") from None


def _convert(kind: str, text: str, rendered: object) -> object:
    if kind in ("INT",):
        return int(text)
    if kind == "FLOAT":
        return float(text)
    if kind in ("BOOL", "BOOLEAN"):
        return text.lower() == "true"
    if kind in ("JSON", "ARRAY", "MULTISELECT"):
        return json.loads(text)
    return text
