"""Inputs of an execution: what was given, resolved and typed by the flow's declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flowctl.engine.executor.expressions.context import variables_of
from flowctl.engine.executor.expressions.hooks import environment_of
from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import SECRETS, secret_places, values_at
from flowctl.engine.executor.records.storage import address, execution_folder
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.tasks.running import json_bytes
from flowctl.engine.store.jsontext import load
from flowctl.language.inputs import InputError, ResolvedInput, resolve_each
from flowctl.language.inputs import resolve_inputs as resolved

FORBIDDEN_IN_DEFAULTS = ("outputs", "tasks", "labels", "parents")


class BadInputs(Exception):
    """An input is missing or not of its type; the text is that of servers, without its prefix."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a client sent for a FILE input."""

    name: str
    data: bytes


class InputRendering:
    """Implements `flowctl.language.inputs.Rendering` over an execution that is being made."""

    def __init__(self, services: Services, definition: Definition, execution: Execution) -> None:
        live = Live(execution, definition, constants=services.constants)
        variables = variables_of(live)
        self._variables = {name: value for name, value in variables.items() if name not in FORBIDDEN_IN_DEFAULTS}
        self._renderer = Renderer(self._variables, environment_of(services, live))

    def render(self, text: str, inputs: Mapping[str, object]) -> str:
        """A text rendered to text."""
        return self._renderer.text(text, {"inputs": inputs})

    def evaluate(self, text: str, inputs: Mapping[str, object]) -> object:
        """A text rendered; a single expression keeps its type."""
        return self._renderer.typed(text, {"inputs": inputs})


def resolve_inputs(
    services: Services,
    definition: Definition,
    execution: Execution,
    given: Mapping[str, object],
    *,
    blanks: bool = False,
) -> dict[str, object] | None:
    """All inputs with their values; None when the flow declares none. `blanks`: as in `flowctl.language.inputs`.

    Raises:
        BadInputs: with the text that servers give.
    """
    declared = definition.value.get("inputs")
    if not declared:
        return None
    places = secret_places(declared)
    if places:
        execution.memo[SECRETS] = places
    return resolve_declared(services, definition, execution, declared, given, blanks=blanks)


def resolve_declared(
    services: Services,
    definition: Definition,
    execution: Execution,
    declared: object,
    given: Mapping[str, object],
    *,
    blanks: bool = False,
) -> dict[str, object]:
    """Any declared inputs (a flow's, a Pause's) with their values, as JSON data. Those of SECRET ones are hidden from
    now on.

    Raises:
        BadInputs: with the text that servers give.
    """
    rendering = InputRendering(services, definition, execution)
    try:
        found = resolved(
            declared,
            given,
            rendering,
            files=storing(services, execution),
            dialect=services.dialect,
            blanks=blanks,
        )
    except InputError as error:
        raise BadInputs(str(error)) from error
    data = load(json_bytes(found))
    assert isinstance(data, dict)
    for value in values_at(secret_places(declared), data):
        services.masker.add(value)
    return data


def examine_inputs(
    services: Services, definition: Definition, execution: Execution, declared: object, given: Mapping[str, object]
) -> list[ResolvedInput]:
    """Any declared inputs (a flow's, a Pause's), each with its value or its error, without storing files."""
    rendering = InputRendering(services, definition, execution)

    def place(name: str, value: object) -> str:
        return address(_inputs_folder(execution, name), _file_name(name, value))

    return resolve_each(declared, given, rendering, files=place, dialect=services.dialect)


def storing(services: Services, execution: Execution) -> Callable[[str, object], str]:
    """Stores files that were sent for inputs and gives their addresses."""

    def store(name: str, value: object) -> str:
        data = value.data if isinstance(value, Upload) else b""
        return services.storage.put(_inputs_folder(execution, name), _file_name(name, value), data)

    return store


def _inputs_folder(execution: Execution, name: str) -> str:
    return f"{execution_folder(execution.namespace, execution.flow_id, execution.id)}/inputs/{name}"


def _file_name(name: str, value: object) -> str:
    """The last part of the name that a client gave a file, else the input's id."""
    given = value.name if isinstance(value, Upload) else ""
    last = given.replace("\\", "/").rpartition("/")[2]
    return name if last in ("", ".", "..") else last
