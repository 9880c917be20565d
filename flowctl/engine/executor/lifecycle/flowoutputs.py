"""The outputs of a flow, and those that a Loop collects from its iterations (flow-language sheet, section 9.2)."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.lifecycle.outputtypes import typed_output
from flowctl.engine.executor.performer import Performer
from flowctl.engine.plugins.properties import Properties
from flowctl.language.flags import is_off
from flowctl.language.inputs import InputError
from flowctl.model.environment import Dialect


class OutputError(Exception):
    """A declared output cannot be had; the message says which and why."""


def flow_outputs(performer: Performer) -> dict[str, object] | None:
    """The declared outputs, rendered and typed; None when none are declared.

    Raises:
        OutputError: one cannot be rendered, is null although required, or is not of its type.
    """
    loop_run = performer.turn.execution.loop_run
    if loop_run is not None:
        declared = performer.live.definition.nodes[str(loop_run["taskId"])].properties.get("outputs")
        wanted: list[Mapping[str, object]] = _maps(declared)
    else:
        wanted = performer.live.definition.section("outputs")
    if not wanted:
        return None
    properties = Properties({}, performer.renderer(None))
    found: dict[str, object] = {}
    for item in wanted:
        value = _one(properties, item, performer.services.dialect)
        if value is not None:
            found[str(item.get("id"))] = value
    return found


def _maps(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _one(properties: Properties, item: Mapping[str, object], dialect: Dialect) -> object:
    required = not is_off(item.get("required"))
    try:
        value = typed_output(item, properties, dialect)
    except (ExpressionError, InputError) as error:
        if required:
            raise OutputError(str(error)) from error
        return None
    if value is None and required:
        raise OutputError(f"Missing required output:{item.get('id')}")
    return value
