"""What can be asked of an execution: list transformations, testable by themselves.

Each takes the performer of a turn and changes the records; what follows is decided as always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowctl.engine.executor.deciding.approvals import APPROVED
from flowctl.engine.executor.flowables import approving
from flowctl.engine.executor.lifecycle.ending import end_execution
from flowctl.engine.executor.lifecycle.givens import BadInputs, resolve_declared
from flowctl.engine.executor.lifecycle.killing import kill as begin_kill
from flowctl.engine.executor.lifecycle.pausing import let_go, pause
from flowctl.engine.executor.lifecycle.refusals import BadRequest, NotPaused, WrongState
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Definition, Node
from flowctl.engine.executor.records.records import Execution, TaskRun, label_map
from flowctl.engine.executor.records.secretplaces import SECRETS, secret_places
from flowctl.engine.executor.records.states import (
    ALL,
    CREATED,
    FAILED,
    KILLED,
    PAUSED,
    QUEUED,
    RESTARTED,
    RUNNING,
    SUCCESS,
    TERMINAL,
)
from flowctl.engine.executor.records.times import iso_time


def kill(performer: Performer, *, children: bool = True) -> None:
    """Kill, with the executions that it has started or without them; nothing happens to one that has ended."""
    begin_kill(performer, children=children)


def resume(performer: Performer, given: Mapping[str, object]) -> None:
    """Go on: the first PAUSED run ends well, with the inputs of its `onResume`.

    Raises:
        NotPaused: it is not PAUSED.
        BadInputs: an input is missing or wrong.
    """
    turn = performer.turn
    execution = turn.execution
    if execution.state != PAUSED:
        raise NotPaused(f"the execution is {execution.state}, only a PAUSED one can be resumed")
    run = next((run for run in execution.runs.values() if run.state == PAUSED), None)
    if run is not None and performer.node(run).shape == "approval":
        approving.decide_by(performer, APPROVED, given, task_run_id=run.id)
        return
    if run is not None:
        _end_pause(performer, performer.node(run), run, given)
    let_go(performer)
    turn.become(RESTARTED)


def resume_inputs(definition: Definition, execution: Execution) -> object:
    """What a resume can give, as declared by the first PAUSED run; None when it takes no inputs."""
    run = next((run for run in execution.runs.values() if run.state == PAUSED), None)
    node = None if run is None else definition.nodes[run.task_id]
    if node is None or node.shape not in ("pause", "approval"):
        return None
    return node.properties.get("inputs" if node.shape == "approval" else "onResume")


def _end_pause(performer: Performer, node: Node, run: TaskRun, given: Mapping[str, object]) -> None:
    turn = performer.turn
    if node.shape != "pause":
        run.memo.pop("until", None)
        turn.move(run, RUNNING)
        return
    declared = node.properties.get("onResume")
    outputs: dict[str, object] = {}
    if declared:
        outputs["onResume"] = resolve_declared(
            performer.services, performer.live.definition, turn.execution, declared, given
        )
        run.memo[SECRETS] = secret_places(declared, ["onResume"])
    outputs["resumed"] = {"on": iso_time(turn.clock()), "to": SUCCESS}
    run.outputs = outputs
    turn.move(run, RUNNING if node.tasks else SUCCESS)


def change_status(performer: Performer, state: str) -> None:
    """Give an ended execution another final state.

    Raises:
        WrongState: it has not ended.
        BadRequest: the state is no final one.
    """
    execution = performer.turn.execution
    if state not in TERMINAL:
        raise BadRequest(f"{state!r} is no final state")
    if not execution.terminal:
        raise WrongState(f"the execution is {execution.state}; only an ended one's status can be changed")
    execution.memo["no_after"] = True
    performer.turn.become(state)


def change_task_run(performer: Performer, task_run_id: str, state: str) -> None:
    """Mark a task run as being in a state; the execution goes on from there.

    Raises:
        WrongState: the execution has not ended.
        BadRequest: there is no such run or state.
    """
    turn = performer.turn
    run = turn.execution.runs.get(task_run_id)
    if run is None:
        raise BadRequest(f"No task run {task_run_id!r}")
    if state not in ALL:
        raise BadRequest(f"{state!r} is no state")
    if not turn.execution.terminal and turn.execution.state != PAUSED:
        raise WrongState(f"the execution is {turn.execution.state}; wait for its end or kill it first")
    for above in turn.execution.ancestors(run):
        if above.terminal:
            turn.move(above, RUNNING)
    turn.move(run, state)
    let_go(performer)
    turn.become(RESTARTED)


def force_run(performer: Performer) -> None:
    """Leave a waiting state; a pause ends as if it were resumed, and nobody's approval is taken for given.

    Raises:
        WrongState: it has ended.
        BadInputs: the pause asks for an input that has no default.
    """
    execution = performer.turn.execution
    if execution.terminal:
        raise WrongState(f"the execution is {execution.state}; it cannot be forced to run")
    execution.schedule_date = None
    run = next((run for run in execution.runs.values() if run.state == PAUSED), None)
    if execution.state == PAUSED and run is not None and performer.node(run).shape != "approval":
        resume(performer, {})
        return
    let_go(performer)
    if execution.state in (CREATED, QUEUED, PAUSED):
        performer.turn.become(RUNNING)


def unqueue(performer: Performer, state: str) -> None:
    """Let a QUEUED execution go, or end it.

    Raises:
        WrongState: it is not QUEUED.
        BadRequest: another state than RUNNING, CANCELLED or FAILED.
    """
    execution = performer.turn.execution
    if execution.state != QUEUED:
        raise WrongState(f"the execution is {execution.state}, not QUEUED")
    if state not in (RUNNING, "CANCELLED", FAILED, KILLED):
        raise BadRequest(f"an execution cannot be unqueued to {state!r}")
    if state == RUNNING:
        performer.turn.become(RUNNING)
    else:
        end_execution(performer, state, outputs=False)


def set_labels(performer: Performer, labels: Sequence[tuple[str, str]]) -> None:
    """Replace the labels; those of the system stay (as seen on servers)."""
    execution = performer.turn.execution
    system = [pair for pair in execution.labels if pair[0].startswith("system.")]
    execution.labels = label_map([*labels, *system])


def add_label(performer: Performer, key: str, value: str) -> None:
    """Add one label, or replace its value."""
    execution = performer.turn.execution
    execution.labels = label_map([*execution.labels, (key, value)])


__all__ = ["BadInputs", "BadRequest", "WrongState", "pause"]
