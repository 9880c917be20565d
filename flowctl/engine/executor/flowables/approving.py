"""Approval: an execution waits for somebody's decision.

The run is PAUSED until it is decided; `onWait` runs meanwhile. Then it is RUNNING with `onApprove` or `onDeny`, and
ends as the behavior of the decision says.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.deciding.approvals import APPROVED, DENIED, EXPIRED, LISTS
from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.lifecycle.givens import BadInputs, resolve_declared
from flowctl.engine.executor.lifecycle.pausing import let_go
from flowctl.engine.executor.lifecycle.refusals import BadRequest, WrongState
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.durations import rendered_micros
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.secretplaces import SECRETS, secret_places
from flowctl.engine.executor.records.states import (
    CANCELLED,
    FAILED,
    KILLED,
    PAUSED,
    RESTARTED,
    RUNNING,
    SUCCESS,
    WARNING,
    tolerate,
)
from flowctl.engine.executor.records.times import iso_time

_BEHAVIORS = {
    APPROVED: ("approveBehavior", "CONTINUE"),
    DENIED: ("denyBehavior", "CANCEL"),
    EXPIRED: ("expireBehavior", "CANCEL"),
}
_COMMENTED = {"ALWAYS": (APPROVED, DENIED), "ON_APPROVE": (APPROVED,), "ON_DENY": (DENIED,)}
_ENDS = {"WARN": WARNING, "FAIL": FAILED, "CANCEL": CANCELLED, "KILL": KILLED}
"""The run's state by behavior; SUCCESS for CONTINUE and SUCCEED."""
_LEAVES = {"SUCCEED": SUCCESS, "CANCEL": CANCELLED, "KILL": KILLED}
"""The state in which the whole execution ends at once, by behavior."""


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Begin to wait, unless `autoApprove` holds."""
    turn = performer.turn
    turn.begin(run, None)
    execution = turn.execution
    place = f"{execution.namespace}/{execution.flow_id}/{execution.id}"
    run.outputs = {"url": f"{performer.services.url}/ui/main/executions/{place}"}
    for key, default in _BEHAVIORS.values():
        run.memo[key] = renderer.text(str(node.properties.get(key, default)))
    length = node.properties.get("timeout")
    if length is not None:
        span = rendered_micros(renderer.text(str(length)))
        if span is not None:
            due = turn.clock() + span
            run.memo["until"] = due
            run.outputs["due"] = iso_time(due)
    if not _approves_itself(performer, node, run, renderer):
        turn.move(run, PAUSED)


def _approves_itself(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> bool:
    """Whether the condition holds and no input is missing; a missing one is asked for as ever."""
    condition = node.properties.get("autoApprove")
    if condition is None or not renderer.truthy(str(condition).lower() if condition in (True, False) else condition):
        return False
    try:
        _record(performer, node, run, APPROVED, {}, auto=True)
    except BadInputs as error:
        performer.turn.log(run, "WARN", f"not approved by itself: {error}")
        return False
    return True


def decide_by(
    performer: Performer,
    decision: str,
    given: Mapping[str, object],
    *,
    comment: str | None = None,
    by: str | None = None,
    task_run_id: str | None = None,
) -> None:
    """Somebody decides: APPROVED or DENIED. Of several that wait the first is meant, or the one that is named.

    Raises:
        WrongState: no Approval waits.
        BadRequest: an unknown decision, or a comment is missing that the task demands.
        BadInputs: an input is missing or wrong; only an approval takes inputs.
    """
    if decision not in LISTS:
        raise BadRequest(f"the decision must be {APPROVED} or {DENIED}, found {decision!r}")
    run = _waiting(performer, task_run_id)
    node = performer.node(run)
    rule = str(node.properties.get("commentRequired", "NEVER"))
    if decision in _COMMENTED.get(rule, ()) and not comment:
        raise BadRequest(f"task {node.id} demands a comment; give one with the decision (commentRequired: {rule})")
    _record(performer, node, run, decision, given, comment=comment, by=by)
    performer.turn.move(run, RUNNING)
    let_go(performer)
    performer.turn.become(RESTARTED)


def _waiting(performer: Performer, task_run_id: str | None) -> TaskRun:
    for run in performer.turn.execution.runs.values():
        fits = task_run_id in (None, run.id)
        if fits and run.state == PAUSED and performer.node(run).shape == "approval":
            return run
    raise WrongState(f"the execution is {performer.turn.execution.state}; no Approval of it waits for a decision")


def _record(
    performer: Performer,
    node: Node,
    run: TaskRun,
    decision: str,
    given: Mapping[str, object],
    *,
    auto: bool = False,
    comment: str | None = None,
    by: str | None = None,
) -> None:
    turn, declared = performer.turn, node.properties.get("inputs")
    found: dict[str, object] = {"decision": decision, "auto": auto, "on": iso_time(turn.clock())}
    if declared and decision == APPROVED:
        definition = performer.live.definition
        found["inputs"] = resolve_declared(performer.services, definition, turn.execution, declared, given)
        run.memo[SECRETS] = secret_places(declared, ["inputs"])
    found |= {name: value for name, value in (("comment", comment), ("by", by)) if value}
    run.memo["decision"] = decision
    run.memo.pop("until", None)
    run.outputs = {**run.outputs, **found}
    turn.touch(run)


def finish(performer: Performer, node: Node, run: TaskRun, reached: str) -> None:
    """End as the behavior of the decision says; a failed child fails the run whatever the behavior."""
    turn = performer.turn
    if run.state == PAUSED:
        _record(performer, node, run, EXPIRED, {}, auto=True)
    decision = str(run.memo.get("decision", EXPIRED))
    behavior = str(run.memo.get(_BEHAVIORS[decision][0], "CONTINUE"))
    ends = _ENDS.get(behavior, SUCCESS)
    if reached != SUCCESS and decision != EXPIRED and node.lists.get(LISTS[decision]):
        turn.move(run, reached)
        return
    turn.move(run, tolerate(ends, node.allow_failure, node.allow_warning))
    if behavior in _LEAVES:
        turn.execution.memo["exit"] = _LEAVES[behavior]
