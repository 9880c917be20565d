"""Making a new execution: labels, inputs, checks, and whether it may run at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flowctl.engine.executor.expressions.hooks import environment_of
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.lifecycle.breakpoints import set_breakpoints
from flowctl.engine.executor.lifecycle.earlylines import add_line
from flowctl.engine.executor.lifecycle.floworder import admit
from flowctl.engine.executor.lifecycle.givens import BadInputs, resolve_inputs
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.flowsource import FlowRevision
from flowctl.engine.executor.records.identifiers import new_id
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution, declared_labels, label_map
from flowctl.engine.executor.records.secretplaces import SECRET_OUTPUTS, plain_labels, secret_values, tell
from flowctl.engine.executor.services import Services
from flowctl.engine.store.tables import executions, steps

BLOCKED = "Flow execution blocked: one or more condition checks evaluated to false."
CHECKS = "failed_checks"


class Refused(Exception):
    """An execution may not be started. `kind`: disabled, runnable, inputs, checks, labels."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


@dataclass(slots=True)
class Launch:
    """What somebody gives to start an execution. `system` are labels that only the server may set; `told` are secret
    values that it may be given, None when whoever gives it has none."""

    inputs: Mapping[str, object] = field(default_factory=dict)
    labels: list[tuple[str, str]] = field(default_factory=list)
    inherited: list[tuple[str, str]] = field(default_factory=list)
    system: list[tuple[str, str]] = field(default_factory=list)
    trigger: dict[str, object] | None = None
    parent_id: str | None = None
    waiter: tuple[str, str] | None = None
    kind: str | None = None
    schedule_date: int | None = None
    id: str | None = None
    batch: int | None = None
    breakpoints: tuple[str, ...] = ()
    told: Sequence[str] | None = None


def launch(services: Services, flow: FlowRevision, given: Launch) -> Execution:
    """A new execution in state CREATED, not stored yet.

    Raises:
        Refused: the flow is disabled, has a task this server cannot run, inputs are bad, or a check blocks it.
    """
    definition = flow.definition
    if flow.disabled:
        raise Refused("disabled", "Cannot execute a flow which is disabled")
    if definition.not_runnable:
        names = ", ".join(definition.not_runnable)
        raise Refused("runnable", f"this server cannot run tasks of type {names}; the flow is stored but not started")
    now = services.clock()
    execution = Execution(
        id=given.id or new_id(),
        namespace=definition.namespace,
        flow_id=definition.id,
        revision=definition.revision,
        history=[("CREATED", now)],
        trigger=given.trigger,
        kind=given.kind,
        parent_id=given.parent_id,
        waiter=given.waiter,
        schedule_date=given.schedule_date,
        original_created=now,
        sealed=definition.secret or given.told is not None,
    )
    tell(execution, given.told or ())
    execution.original_id = execution.id
    set_breakpoints(execution, given.breakpoints)
    if given.batch is not None:
        execution.memo["batch"] = given.batch
    execution.labels = _labels(definition, execution, given)
    try:
        _take_inputs(services, definition, execution, given.inputs)
    except Refused:
        services.storage.purge(executions.storage_folder(execution))  # files may have been sent for inputs
        raise
    execution.labels = plain_labels(execution, execution.labels)
    return execution


def _take_inputs(services: Services, definition: Definition, execution: Execution, given: Mapping[str, object]) -> None:
    try:
        execution.inputs = resolve_inputs(
            services,
            definition,
            execution,
            given,
            blanks=execution.parent_id is not None,  # a task that calls means what it gives (seen on a real 2.0)
        )
    except BadInputs as error:
        raise Refused("inputs", str(error)) from error
    failed = _check(services, definition, execution)
    if failed is not None:
        execution.history.append(("FAILED", execution.history[0][1]))
        execution.memo[CHECKS] = failed


def _labels(definition: Definition, execution: Execution, given: Launch) -> list[tuple[str, str]]:
    own = [pair for pair in flow_labels(definition) if not pair[0].startswith("system.")]
    system = dict(given.system)
    system.setdefault("system.correlationId", execution.id)
    named = dict(given.labels)
    if "system.correlationId" in named:
        system["system.correlationId"] = named.pop("system.correlationId")
    return label_map([*given.inherited, *own, *named.items(), *system.items()])


def flow_labels(definition: Definition) -> list[tuple[str, str]]:
    """The labels that the flow declares."""
    return declared_labels(definition.value.get("labels"))


def _check(services: Services, definition: Definition, execution: Execution) -> str | None:
    """Why the execution fails at once, for its log, when the condition of a check is false; None when it may begin.

    The most restrictive behaviour counts. As seen on a real server, the checks that hold count for it, and are named,
    as well.

    Raises:
        Refused: a check blocks the execution, or cannot be evaluated.
    """
    checks = definition.section("checks")
    if not checks:
        return None
    live = Live(execution, definition, constants=services.constants)
    from flowctl.engine.executor.expressions.context import variables_of

    renderer = Renderer(variables_of(live), environment_of(services, live))
    if all(_holds(renderer, check) for check in checks):
        return None
    behaviors = {str(check.get("behavior") or "BLOCK_EXECUTION") for check in checks}
    messages = "Failed checks: " + ", ".join(str(check.get("message", "")) for check in checks)
    if "BLOCK_EXECUTION" in behaviors:
        raise Refused("checks", f"{BLOCKED}\n{messages}")
    return messages if "FAIL_EXECUTION" in behaviors else None


def _holds(renderer: Renderer, check: Mapping[str, object]) -> bool:
    try:
        return renderer.truthy(check.get("when", check.get("condition", "true")))
    except ExpressionError as error:
        cause = f"Failed to evaluate check condition. Cause: {error}"
        raise Refused("checks", f"{BLOCKED}\nFailed checks: {cause}") from None


def store_new(connection: sqlite3.Connection, execution: Execution, definition: Definition) -> None:
    """Store a new execution and have it looked at: inside a transaction of the store."""
    if not execution.terminal:
        admit(connection, execution, definition, execution.history[0][1])
    failed = execution.memo.pop(CHECKS, None)
    if failed is not None:
        add_line(connection, execution, "ERROR", str(failed))
    executions.insert(connection, execution)
    steps.advance(connection, execution.id, execution.schedule_date or 0)
    if execution.terminal and execution.waiter is not None:
        steps.tell(connection, execution.waiter[0], end_event(execution), sealed=execution.sealed)


def end_event(execution: Execution) -> dict[str, object]:
    """What the execution that waits for this one is told at its end."""
    assert execution.waiter is not None
    event = {
        "type": "child",
        "run": execution.waiter[1],
        "child": execution.id,
        "state": execution.state,
        "outputs": execution.outputs or {},
        "index": execution.memo.get("batch", 0),
        "created": execution.history[0][1],
        "again_at": execution.memo.get("again_at"),
        "problem": execution.memo.get("output_problem"),
    }
    if execution.sealed and execution.loop_run is None:
        event |= {"secrets": execution.memo.get(SECRET_OUTPUTS), "known": list(secret_values(execution))}
    return event
