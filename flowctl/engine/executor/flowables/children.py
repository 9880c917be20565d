"""Child executions: what Subflow, ForEachItem and Loops have in common."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.lifecycle.launching import Launch, Refused, launch, store_new
from flowctl.engine.executor.lifecycle.rerunning import to_restart
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.flowsource import FlowRevision
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.secretplaces import secret_values
from flowctl.engine.executor.records.states import FAILED
from flowctl.engine.executor.records.times import micros_of
from flowctl.engine.executor.tasks.run_context import properties_of
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.store import Store
from flowctl.engine.store.tables import executions, steps

ALONE = "alone"
"""The name in an execution's memo: it is killed without the executions of other flows that it has started."""
MOST_NESTED = 100
"""Executions that may wait for each other, one inside the other."""


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
    flow = _called(performer, properties)
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
            trigger=_trigger(parent, node, run, index),
            parent_id=parent.id,
            waiter=(parent.id, run.id) if waits else None,
            schedule_date=_date(properties),
            batch=index,
            told=list(secret_values(parent)) if parent.sealed else None,
        ),
    )
    performer.turn.extra.append(lambda connection: store_new(connection, child, flow.definition))
    performer.turn.spawned.append(child.id)
    return child


def _called(performer: Performer, properties: Properties) -> FlowRevision:
    namespace, flow_id = properties.text("namespace") or "", properties.text("flowId") or ""
    number, flows = properties.integer("revision"), performer.services.flows
    return flows.revision(namespace, flow_id, number) if number else flows.latest(namespace, flow_id)


def _trigger(parent: Execution, node: Node, run: TaskRun, index: int | None) -> dict[str, object]:
    """What a child says of where it comes from (`trigger` in its expressions), and of which item or iteration it is."""
    loop = parent.loop_run or {}
    item = {
        "taskRunValue": run.value,
        "taskRunIteration": run.iteration if index is None else index,
        "loopIndex": loop.get("index"),
        "loopTaskRunId": loop.get("taskRunId"),
    }
    variables: dict[str, object] = {
        "executionId": parent.id,
        "namespace": parent.namespace,
        "flowId": parent.flow_id,
        "flowRevision": parent.revision,
        "taskId": node.id,
        "taskRunId": run.id,
        **{name: value for name, value in item.items() if value is not None},
    }
    return {"id": node.id, "type": node.type, "variables": variables}


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
    """What is given; a lone expression that is null gives nothing, an empty text is given (seen on a real 2.0)."""
    found, raw = properties.mapping("inputs"), properties.raw("inputs")
    given = raw if isinstance(raw, dict) else {}
    return {
        name: value
        for name, value in found.items()
        if value != "" or not (isinstance(text := given.get(name), str) and properties.is_null(text))
    }


def labels_of(properties: Properties, name: str) -> list[tuple[str, str]]:
    """Labels given as a map or as a list of key and value; one without value is none (seen on a real 2.0)."""
    value = properties.raw(name)
    if isinstance(value, list):
        items = [item for item in properties.listing(name) if isinstance(item, dict)]
        found = [(str(item.get("key")), properties.rendered_text(item.get("value"))) for item in items]
    else:
        found = [(key, properties.rendered_text(item)) for key, item in properties.mapping(name).items()]
    return [pair for pair in found if pair[1] != ""]


def can_go_on(performer: Performer, child: Execution) -> bool:
    """Whether a child has failed in a task, so that a restart may begin there."""
    if child.state != FAILED:
        return False
    definition = performer.services.flows.revision(child.namespace, child.flow_id, child.revision).definition
    return bool(to_restart(definition, child))


def go_on(performer: Performer, run: TaskRun, child: Execution) -> None:
    """Have a child restarted, in the transaction of the turn."""
    performer.turn.tell(child.id, {"type": "restart"})
    performer.turn.log(run, "INFO", f"Restarted execution {link(child.id, child.flow_id, child.namespace)}")


def log_link(performer: Performer, run: TaskRun, child: Execution) -> None:
    """The line that names a child execution."""
    performer.turn.log(run, "INFO", f"Created new execution {link(child.id, child.flow_id, child.namespace)}")


def link(id_: object, flow_id: object, namespace: object) -> str:
    return f'[[link execution="{id_}" flowId="{flow_id}" namespace="{namespace}"]]'


def refused(performer: Performer, node: Node, run: TaskRun, message: str, *, twice: bool = False) -> None:
    """A child cannot be started: the attempt fails. Real servers say some refusals twice (seen)."""
    for _ in range(2 if twice else 1):
        performer.turn.log(run, "ERROR", message)
    performer.fail(node, run)


def kill_children(performer: Performer, run: TaskRun) -> None:
    """Kill the executions that a Subflow's or Loop's run has started."""
    node = performer.node(run)
    turn = performer.turn
    child = run.memo.get("child")
    if isinstance(child, str):
        turn.tell(child, {"type": "kill"})
    elif node.shape in ("loop", "items_items"):
        id_ = turn.execution.id
        event = {"type": "kill", "children": not turn.execution.memo.get(ALONE)}

        def kill(connection: sqlite3.Connection) -> None:
            for iteration in executions.children(connection, id_, run.id):
                turn.spawned.append(iteration)
                steps.tell(connection, iteration, event)

        turn.extra.append(kill)
