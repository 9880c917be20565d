"""Values of flow outputs by their declared type."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.tasks.running import json_bytes
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.store.jsontext import load
from flowctl.language.inputs import type_output
from flowctl.model.environment import Dialect


def typed_output(item: Mapping[str, object], properties: Properties, dialect: Dialect) -> object:
    """The value of one declared output, as JSON data.

    Raises:
        ExpressionError: it cannot be rendered.
        InputError: it is not of its type.
    """
    value = item.get("value")
    if isinstance(value, str) and properties.is_null(value):
        return None
    rendered = properties.tree(value) if isinstance(value, dict | list) else properties.text_of(value)
    typed = type_output(item, rendered, dialect)
    return None if typed is None else load(json_bytes(typed))
