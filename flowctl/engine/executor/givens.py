"""Inputs of an execution: what was given, resolved and typed by the flow's declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowctl.engine.executor.definition import Definition
from flowctl.engine.executor.records import Execution

if TYPE_CHECKING:
    from flowctl.engine.executor.services import Services


class BadInputs(Exception):
    """An input is missing or not of its type."""


def resolve_inputs(
    services: Services, definition: Definition, execution: Execution, given: Mapping[str, object]
) -> dict[str, object] | None:
    """All inputs with their values; None when the flow declares none and none were given.

    Raises:
        BadInputs: with the text that servers give.
    """
    declared = definition.section("inputs")
    if not declared:
        return None
    found: dict[str, object] = {}
    for item in declared:
        name = str(item.get("id"))
        value = given.get(name, item.get("defaults"))
        if value is None and item.get("required") is not False:
            raise BadInputs(f"Missing required input:{name}")
        found[name] = value
    return found
