"""Child executions: Subflow, and what Loops and Subflows have in common (flow-language sheet, 4.9 and 4.10)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from flowctl.engine.executor import batches, loopitems
from flowctl.engine.executor.context import variables_of
from flowctl.engine.executor.definition import Node
from flowctl.engine.executor.flowsource import UnknownFlow
from flowctl.engine.executor.hooks import environment_of
from flowctl.engine.executor.launching import Launch, Refused, launch, store_new
from flowctl.engine.executor.live import Live
from flowctl.engine.executor.outcomes import Outcome, settle
from flowctl.engine.executor.records import Execution, TaskRun
from flowctl.engine.executor.rendering import ExpressionError, Renderer
from flowctl.engine.executor.rerunning import to_restart
from flowctl.engine.executor.run_context import properties_of
from flowctl.engine.executor.states import FAILED, KILLED, KILLING, PAUSED, RESTARTED, RETRIED, SUCCESS, WARNING
from flowctl.engine.executor.times import micros_of
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.store import Store, executions, steps
from flowctl.language.flags import is_off

if TYPE_CHECKING:
    from flowctl.engine.executor.performing import Performer

TRANSMITTED = frozenset({FAILED, KILLED, PAUSED, WARNING})
MOST_NESTED = 100
"""Executions that may wait for each other, one inside the other."""


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Start the child execution, in the transaction of the turn; after a restart the failed one goes on instead."""
    turn = performer.turn
    failed = _failed_child(performer, node, run) if run.state == RESTARTED else None
    turn.move(run, "SUBMITTED")
    turn.begin(run, turn.owner)
    try:
        performer.limit(node, run, renderer)
        if failed is not None:
            run.memo["child"] = failed.id
            run.outputs = {"executionId": failed.id}
            go_on(performer, run, failed)
            return
        child = start_child(performer, node, run, renderer)
    except UnknownFlow as error:
        message = str(error) if "revision" in str(error) else f"{error} with revision '0'"
        refused(performer, node, run, message, twice=True)
        return
    except Refused as error:
        refused(performer, node, run, error.message, twice=error.kind == "disabled")
        return
    except (ExpressionError, BadProperty, ValueError) as error:
        refused(performer, node, run, str(error))
        return
    log_link(performer, run, child)
    if properties_of(node, renderer).flag("wait", True):
        run.memo["child"] = child.id
        run.outputs = {"executionId": child.id}
        turn.touch(run)
    else:
        settle(turn, node, run, Outcome(outputs={"executionId": child.id, "state": "CREATED"}))


def _failed_child(performer: Performer, node: Node, run: TaskRun) -> Execution | None:
    """The child of the last attempt, when it failed and `restartBehavior` lets it go on where it failed."""
    id_ = run.outputs.get("executionId")
    if node.properties.get("restartBehavior") == "NEW_EXECUTION" or not isinstance(id_, str):
        return None
    child = performer.services.store.read(lambda connection: executions.read(connection, id_))
    if child is None or child.waiter != (performer.turn.execution.id, run.id):
        return None
    return child if can_go_on(performer, child) else None


def can_go_on(performer: Performer, child: Execution) -> bool:
    """Whether a child has failed in a task, so that a restart may begin there."""
    if child.state != FAILED:
        return False
    definition = performer.services.flows.revision(child.namespace, child.flow_id, child.revision).definition
    return bool(to_restart(definition, child))


def go_on(performer: Performer, run: TaskRun, child: Execution) -> None:
    """Have a child restarted, in the transaction of the turn."""
    performer.turn.tell(child.id, {"type": "restart"})
    performer.turn.log(run, "INFO", f"Restarted execution {_link(child.id, child.flow_id, child.namespace)}")


def log_link(performer: Performer, run: TaskRun, child: Execution) -> None:
    """The line that names a child execution."""
    performer.turn.log(run, "INFO", f"Created new execution {_link(child.id, child.flow_id, child.namespace)}")


def _link(id_: object, flow_id: object, namespace: object) -> str:
    return f'[[link execution="{id_}" flowId="{flow_id}" namespace="{namespace}"]]'


def refused(performer: Performer, node: Node, run: TaskRun, message: str, *, twice: bool = False) -> None:
    for _ in range(2 if twice else 1):
        performer.turn.log(run, "ERROR", message)
    performer.fail(node, run)


def start_child(
    performer: Performer, node: Node, run: TaskRun, renderer: Renderer, index: int | None = None
) -> Execution:
    """A child execution as the task's properties describe it, stored with the turn. `index` is a batch's.

    Raises:
        UnknownFlow, Refused, ExpressionError, BadProperty: it cannot be started.
    """
    properties = properties_of(node, renderer)
    parent = performer.turn.execution
    waits = properties.flag("wait", True)
    if waits and too_deep(performer.services.store, parent):
        raise Refused("depth", f"executions that wait for each other are nested at most {MOST_NESTED} deep")
    namespace, flow_id = properties.text("namespace") or "", properties.text("flowId") or ""
    number = properties.integer("revision")
    flows = performer.services.flows
    flow = flows.revision(namespace, flow_id, number) if number else flows.latest(namespace, flow_id)
    correlation = dict(parent.labels).get("system.correlationId", parent.id)
    inherited = [pair for pair in parent.labels if not pair[0].startswith("system.")]
    child = launch(
        performer.services,
        flow,
        Launch(
            inputs=_inputs(properties),
            labels=labels_of(properties, "labels"),
            inherited=inherited if properties.flag("inheritLabels") else [],
            system=[("system.from", "subflow"), ("system.correlationId", correlation)],
            trigger={
                "id": node.id,
                "type": node.type,
                "variables": {
                    "executionId": parent.id,
                    "namespace": parent.namespace,
                    "flowId": parent.flow_id,
                    "flowRevision": parent.revision,
                },
            },
            parent_id=parent.id,
            waiter=(parent.id, run.id) if waits else None,
            schedule_date=_date(properties),
            batch=index,
        ),
    )
    performer.turn.extra.append(lambda connection: store_new(connection, child, flow.definition))
    performer.turn.spawned.append(child.id)
    return child


def too_deep(store: Store, execution: Execution) -> bool:
    """Whether as many executions as may wait for each other wait for this one: a flow that calls itself without end."""

    def read(connection: sqlite3.Connection) -> bool:
        above = execution
        for _ in range(MOST_NESTED - 1):
            found = executions.head(connection, above.waiter[0]) if above.waiter is not None else None
            if found is None:
                return False
            above = found
        return True

    return execution.waiter is not None and store.read(read)


def _date(properties: Properties) -> int | None:
    text = properties.text("scheduleDate")
    return micros_of(datetime.fromisoformat(text)) if text else None


def _inputs(properties: Properties) -> dict[str, object]:
    return properties.mapping("inputs")


def labels_of(properties: Properties, name: str) -> list[tuple[str, str]]:
    """Labels given as a map or as a list of key and value."""
    value = properties.raw(name)
    if isinstance(value, list):
        items = [item for item in properties.listing(name) if isinstance(item, dict)]
        return [(str(item.get("key")), properties.rendered_text(item.get("value"))) for item in items]
    return [(key, properties.rendered_text(item)) for key, item in properties.mapping(name).items()]


def child_ended(performer: Performer, event: Mapping[str, object]) -> None:
    """A child execution has ended: count a Loop's iteration, or end the Subflow's run."""
    run = performer.turn.execution.runs.get(str(event["run"]))
    if run is None or run.terminal:
        return
    node = performer.node(run)
    if node.shape == "loop" and event.get("state") == RETRIED and performer.turn.execution.state != KILLING:
        _retried(performer, run, event)
    elif node.shape == "loop":
        loopitems.ended(performer, node, run, dict(event))
    elif node.shape == "items_items":
        batches.ended(performer, node, run, event)
    elif run.memo.get("child") == event["child"]:
        _subflow_ended(performer, node, run, event)


def _retried(performer: Performer, run: TaskRun, event: Mapping[str, object]) -> None:
    """A task of an iteration asks for a new execution: not of the iteration, but of the flow."""
    kill_children(performer, run)
    performer.turn.move(run, RETRIED)
    performer.turn.execution.memo.update(exit=RETRIED, again_at=event["again_at"])


def child_moved(performer: Performer, event: Mapping[str, object]) -> None:
    """A child execution is retried by a new one, which is waited for from now on."""
    run = performer.turn.execution.runs.get(str(event["run"]))
    if run is not None and not run.terminal and run.memo.get("child"):
        run.memo["child"] = event["child"]
        run.outputs = {**run.outputs, "executionId": event["child"]}
        performer.turn.touch(run)


def _subflow_ended(performer: Performer, node: Node, run: TaskRun, event: Mapping[str, object]) -> None:
    state = str(event["state"])
    outputs: dict[str, object] = {"executionId": event["child"], "state": state}
    run.memo.pop("child", None)
    reached = SUCCESS
    try:
        found = event.get("outputs") or _older_outputs(performer, node, str(event["child"]))
    except ExpressionError as error:
        performer.turn.log(run, "ERROR", f"Failed to extract outputs with the error: '{error}'")
        settle(performer.turn, node, run, Outcome(FAILED, outputs))
        return
    if found:
        outputs["outputs"] = found
    if event.get("problem"):
        performer.turn.log(run, "ERROR", f"Failed to extract outputs with the error: '{event['problem']}'")
    if run.memo.get("interrupted") == "timeout":
        performer.log_timeout(run)
        reached = FAILED
    elif run.memo.get("interrupted") == "kill":
        reached = KILLED
    elif not is_off(node.properties.get("transmitFailed")) and state in TRANSMITTED:
        reached = state
    settle(performer.turn, node, run, Outcome(reached, outputs))
    if run.state == WARNING:
        place = properties_of(node, performer.renderer(run))
        link = _link(event["child"], place.text("flowId"), place.text("namespace"))
        performer.turn.log(run, "WARN", f"Subflow execution {link} ends in WARNING state")


def _older_outputs(performer: Performer, node: Node, child_id: str) -> dict[str, object]:
    """The property `outputs` of before 2.0: rendered as the child sees it.

    Raises:
        ExpressionError: one cannot be rendered.
    """
    wanted = node.properties.get("outputs")
    if not isinstance(wanted, dict):
        return {}
    services = performer.services
    child = services.store.read(lambda connection: executions.read(connection, child_id))
    if child is None:
        return {}
    flow = services.flows.revision(child.namespace, child.flow_id, child.revision)
    live = Live(child, flow.definition, constants=services.constants)
    live.rebuild()
    rendered = Properties({}, Renderer(variables_of(live), environment_of(services, live))).tree(wanted)
    assert isinstance(rendered, dict)
    return rendered


def kill_children(performer: Performer, run: TaskRun) -> None:
    """Kill the executions that a Subflow's or Loop's run has started."""
    node = performer.node(run)
    turn = performer.turn
    child = run.memo.get("child")
    if isinstance(child, str):
        turn.tell(child, {"type": "kill"})
    elif node.shape in ("loop", "items_items"):
        id_ = turn.execution.id

        def kill(connection: sqlite3.Connection) -> None:
            for iteration in executions.children(connection, id_, run.id):
                turn.spawned.append(iteration)
                steps.tell(connection, iteration, {"type": "kill"})

        turn.extra.append(kill)
