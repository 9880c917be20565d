"""From a trigger that fires to an execution: its variables, conditions, inputs and labels."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flowctl.engine.executor.expressions.conditions import UnknownCondition, wanted
from flowctl.engine.executor.expressions.context import variables_of
from flowctl.engine.executor.expressions.hooks import environment_of
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.lifecycle.earlylines import add_line
from flowctl.engine.executor.lifecycle.launching import Launch, Refused, launch, store_new
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.flowsource import FlowRevision
from flowctl.engine.executor.records.identifiers import new_id
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution, label_map
from flowctl.engine.executor.records.secretplaces import ENCRYPTED, SECRET_TRIGGER, Place, below, tell
from flowctl.engine.executor.services import Services
from flowctl.engine.scheduler.triggerlines import say
from flowctl.engine.store.tables import executions

Trigger = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger with what it found: `variables` are read as `trigger.*`; `subject` as in `conditions.wanted`; `secret`
    and `encrypted` are places among the variables, `told` is as in `Launch`."""

    flow: FlowRevision
    trigger: Trigger
    variables: Mapping[str, object]
    subject: Mapping[str, object] = field(default_factory=dict)
    inputs: Mapping[str, object] = field(default_factory=dict)
    labels: tuple[tuple[str, str], ...] = ()
    system: tuple[tuple[str, str], ...] = ()
    secret: tuple[Place, ...] = ()
    encrypted: tuple[Place, ...] = ()
    told: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """An execution to store, with a line for its log when it failed before it began."""

    execution: Execution
    definition: Definition
    problem: str | None = None

    def store(self, connection: sqlite3.Connection) -> None:
        """Store it inside a transaction."""
        if self.problem is None:
            store_new(connection, self.execution, self.definition)
            return
        executions.insert(connection, self.execution)
        add_line(connection, self.execution, "ERROR", self.problem)


def trigger_of(flow: FlowRevision, trigger_id: str) -> Trigger | None:
    """A trigger of a flow by its id."""
    return next((t for t in flow.definition.section("triggers") if t.get("id") == trigger_id), None)


def fire(services: Services, firing: Firing) -> Started | None:
    """The execution that a trigger starts; None when its conditions do not hold or its flow is switched off.

    What cannot be rendered, and inputs that are refused, give an execution that FAILED with the reason in its log.
    """
    definition = firing.flow.definition
    if firing.flow.disabled:
        return None
    renderer = renderer_of(services, firing)
    try:
        if not wanted(firing.trigger, renderer, firing.subject):
            return None
        given = _launch(services, firing, renderer)
        made = launch(services, firing.flow, given)
        _mark(made, firing)
        return Started(made, definition)
    except Refused as error:
        if error.kind == "checks":
            say(services, _key(firing), error.message)
        return None if error.kind in ("disabled", "checks") else failure(services, firing, error.message)
    except (ExpressionError, UnknownCondition, ValueError) as error:
        return failure(services, firing, str(error))


def renderer_of(services: Services, firing: Firing) -> Renderer:
    """Renders a trigger's expressions: the flow's variables, `trigger.*` and the subject's members."""
    definition = firing.flow.definition
    draft = Execution(
        new_id(), definition.namespace, definition.id, definition.revision, [("CREATED", services.clock())]
    )
    draft.trigger = {"variables": dict(firing.variables)}
    live = Live(draft, definition)
    variables = variables_of(live)
    for name in ("execution", "outputs", "tasks", "parents"):
        variables.pop(name, None)
    return Renderer({**variables, **firing.subject}, environment_of(services, live))


def _launch(services: Services, firing: Firing, renderer: Renderer) -> Launch:
    inputs = firing.trigger.get("inputs")
    rendered = (
        {str(key): _rendered(value, renderer) for key, value in inputs.items()} if isinstance(inputs, dict) else {}
    )
    system = {"system.from": "trigger", **dict(firing.system)}
    return Launch(
        inputs={**rendered, **firing.inputs},
        labels=[*_labels(services, firing, firing.trigger.get("labels"), renderer), *firing.labels],
        system=list(system.items()),
        trigger=trigger_record(firing),
        told=firing.told,
    )


def _mark(execution: Execution, firing: Firing) -> None:
    """Have the secret places of a trigger's variables remembered."""
    for name, places in ((SECRET_TRIGGER, firing.secret), (ENCRYPTED, firing.encrypted)):
        if places:
            execution.memo[name] = below(["variables"], list(places))


def trigger_record(firing: Firing) -> dict[str, object]:
    """What an execution remembers of its trigger."""
    return {
        "id": str(firing.trigger.get("id")),
        "type": str(firing.trigger.get("type")),
        "variables": dict(firing.variables),
    }


def _rendered(value: object, renderer: Renderer) -> object:
    if isinstance(value, str):
        return renderer.typed(value)
    if isinstance(value, dict):
        return {key: _rendered(item, renderer) for key, item in value.items()}
    return [_rendered(item, renderer) for item in value] if isinstance(value, list) else value


def _labels(services: Services, firing: Firing, labels: object, renderer: Renderer) -> list[tuple[str, str]]:
    """Those that can be rendered: for a label's sake no execution is lost (seen on a real 2.0)."""
    if isinstance(labels, list):
        labels = {item.get("key"): item.get("value") for item in labels if isinstance(item, dict)}
    items = labels.items() if isinstance(labels, dict) else ()
    found = []
    for key, value in items:
        try:
            found.append((str(key), renderer.text(str(value))))
        except ExpressionError as error:
            say(services, _key(firing), f"the label {key} is left out: {error}")
    return found


def _key(firing: Firing) -> tuple[str, str, str]:
    return firing.flow.definition.namespace, firing.flow.definition.id, str(firing.trigger.get("id"))


def labels_of(services: Services, firing: Firing, labels: object) -> list[tuple[str, str]]:
    """Labels, a map or a list, as a trigger declares them; those that cannot be rendered are left out."""
    return _labels(services, firing, labels, renderer_of(services, firing))


def failure(services: Services, firing: Firing, problem: str, labels: Sequence[tuple[str, str]] = ()) -> Started:
    """An execution that FAILED before it began, with the reason in its log."""
    definition, now = firing.flow.definition, services.clock()
    execution = Execution(
        new_id(),
        definition.namespace,
        definition.id,
        definition.revision,
        [("CREATED", now), ("FAILED", now)],
        trigger=trigger_record(firing),
        original_created=now,
        sealed=definition.secret or firing.told is not None,
    )
    _mark(execution, firing)
    tell(execution, firing.told or ())
    execution.original_id = execution.id
    system = [("system.from", "trigger"), ("system.correlationId", execution.id)]
    execution.labels = label_map([*labels, *system])
    return Started(execution, definition, services.masker.mask(problem))
