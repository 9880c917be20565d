"""The outputs of a flow, and those that a Loop collects from its iterations."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.expressions.rendering import ExpressionError
from flowctl.engine.executor.lifecycle.outputtypes import typed_output
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.secretplaces import SECRET_OUTPUTS, secret_outputs, values_at
from flowctl.engine.plugins.properties import Properties
from flowctl.language.flags import is_off
from flowctl.language.inputs import InputError


class OutputError(Exception):
    """A declared output cannot be had; the message says which and why."""


def flow_outputs(performer: Performer) -> dict[str, object] | None:
    """The declared outputs, rendered and typed; None when none are declared.

    Raises:
        OutputError: one is not of its type, or cannot be rendered or is null although required.
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
        try:
            value = typed_output(item, properties, performer.services.dialect)
        except (ExpressionError, InputError) as error:
            if isinstance(error, InputError) or not is_off(item.get("required")):
                raise OutputError(str(error)) from error
            performer.turn.log(None, "WARN", f"the optional output `{item.get('id')}` is left out: {error}")
            continue
        if value is not None:
            found[str(item.get("id"))] = value
        elif not is_off(item.get("required")):
            raise OutputError(f"Missing required output:{item.get('id')}")
    _hide(performer, wanted, found)
    return found


def _hide(performer: Performer, wanted: list[Mapping[str, object]], found: Mapping[str, object]) -> None:
    """From now on the values of SECRET outputs are shown nowhere, the execution that waits for this one included."""
    places = secret_outputs(wanted)
    if places:
        performer.turn.execution.memo[SECRET_OUTPUTS] = places
        for value in values_at(places, found):
            performer.services.masker.add(value)


def _maps(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
