"""Subflow: another flow's execution as a task."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.expressions.context import variables_of
from flowctl.engine.executor.expressions.hooks import environment_of
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.flowables.children import can_go_on, go_on, link, log_link, refused, start_child
from flowctl.engine.executor.lifecycle.launching import Refused
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.flowsource import UnknownFlow
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.secretplaces import SECRETS, below, tell
from flowctl.engine.executor.records.states import FAILED, KILLED, PAUSED, RESTARTED, SUCCESS, WARNING
from flowctl.engine.executor.tasks.outcomes import Outcome, settle
from flowctl.engine.executor.tasks.run_context import properties_of
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables import executions
from flowctl.language.flags import is_off

TRANSMITTED = frozenset({FAILED, KILLED, PAUSED, WARNING})


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Start the child execution, in the transaction of the turn; after a restart the failed one goes on instead."""
    turn = performer.turn
    failed = _failed_child(performer, node, run) if run.state == RESTARTED else None
    turn.begin(run, turn.owner)
    try:
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


def ended(performer: Performer, node: Node, run: TaskRun, event: Mapping[str, object]) -> None:
    """The child has ended, and with it the run."""
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
        _hide(performer, run, event, found)
    if event.get("problem"):
        performer.turn.log(run, "ERROR", f"Failed to extract outputs with the error: '{event['problem']}'")
    if run.memo.get("interrupted") == "kill":
        reached = KILLED
    elif not is_off(node.properties.get("transmitFailed")) and state in TRANSMITTED:
        reached = state
    settle(performer.turn, node, run, Outcome(reached, outputs))
    if run.terminal and state in TRANSMITTED and run.state != state:
        run.history.insert(-1, (state, run.history[-1][1]))  # the run passes through the child's state (seen)
    if run.state in (FAILED, WARNING) and not event.get("problem"):
        place = properties_of(node, performer.renderer(run))
        child = link(event["child"], place.text("flowId"), place.text("namespace"))
        level = "WARN" if run.state == WARNING else "ERROR"
        performer.turn.log(run, level, f"Subflow execution {child} ends in {run.state} state")


def _hide(performer: Performer, run: TaskRun, event: Mapping[str, object], outputs: object) -> None:
    """What the child knows to be secret among what it gives stays so."""
    places, known, text = event.get("secrets"), event.get("known"), dump(outputs)
    if places:
        run.memo[SECRETS] = below(["outputs"], places)
    given = [value for value in known if dump(value)[1:-1] in text] if isinstance(known, list) else []
    tell(performer.turn.execution, given)


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
